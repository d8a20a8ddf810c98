//! The file of watch rules, and what is wrong with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::geo::Region;
use crate::patient::{
    Course, Profile, ProfileError, ProfileErrors, Step, Steps, from_file, in_toml, line_at,
    text_of, unreadable,
};
use crate::place::Place;
use crate::select::asked;
use crate::study::Phase;
use crate::terminology::Terminology;
use crate::text::{nearest, one_line, shorten};
use crate::whole_file;

/// Most bytes of a file of rules.
const LONGEST: u64 = 1 << 20;

/// Longest name of a rule, in characters.
const LONGEST_NAME: usize = 80;

/// The fields of a rule.
const FIELDS: [&str; 7] = [
    "name",
    "regions",
    "countries",
    "targets",
    "courses",
    "phases",
    "patients",
];

/// Who wants to know of which changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The rules, in the order of the file; at least one.
    pub rules: Vec<Rule>,
    /// The files of the profiles that they name.
    pub files: Vec<PathBuf>,
}

/// One rule. An empty list asks for nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it is called; no two are called the same.
    pub name: String,
    /// Regions and countries, any of them.
    pub places: Vec<Place>,
    /// Antigens, any of them.
    pub targets: Vec<String>,
    /// Courses of MS, any of them.
    pub courses: Vec<&'static str>,
    /// Phases, any of them.
    pub phases: Vec<Phase>,
    /// Patients, each with an `id`; no two of a rule have the same.
    pub patients: Vec<Profile>,
}

/// Rules that cannot be used: file, line, field, and what is allowed. It holds no value of a patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WatchError(ProfileError);

impl Rules {
    /// Reads a file of rules, and the profiles that it names, from the folder of the file.
    ///
    /// # Errors
    ///
    /// [`WatchError`] names the first thing that is wrong.
    pub fn from_file(path: &Path) -> Result<Self, WatchError> {
        let text = regular(path).and_then(|()| text_of(path, LONGEST));
        let text = text.map_err(first)?;
        let text = text.trim_start_matches('\u{feff}');
        let file = Named { path, text };
        let written = file.parse()?;
        if written.rule.is_empty() {
            let what = "holds no rule: begin one with [[rule]] and its `name`".to_owned();
            return Err(file.wrong(&[], what));
        }
        let mut names = BTreeSet::new();
        let (mut rules, mut files) = (Vec::new(), Vec::new());
        for (at, one) in written.rule.into_iter().enumerate() {
            let rule = [Step::Key("rule".to_owned()), Step::Index(at)];
            let Some(name) = one.name.map(|name| name.0) else {
                return Err(file.wrong(&rule, "has no `name`".to_owned()));
            };
            if !names.insert(name.clone()) {
                let what = "is a name that stands twice; each rule has its own".to_owned();
                return Err(file.wrong(&[&rule[..], &key("name")].concat(), what));
            }
            let patients = file.patients(&rule, &one.patients)?;
            files.extend(one.patients.iter().map(|named| file.beside(named)));
            let regions = one.regions.into_iter().map(|word| Place::Region(word.0));
            let countries = one.countries.into_iter().map(|word| word.0);
            rules.push(Rule {
                name,
                places: regions.chain(countries).collect(),
                targets: one.targets.into_iter().map(|word| word.0).collect(),
                courses: one
                    .courses
                    .into_iter()
                    .map(|word| word.0.as_str())
                    .collect(),
                phases: one.phases.into_iter().map(|word| word.0).collect(),
                patients,
            });
        }
        Ok(Self { rules, files })
    }

    /// Returns what may be misspelt: targets that no study is known to have. They may be new, so that they are no error.
    pub fn doubts(&self, terms: &Terminology) -> Vec<String> {
        let asked = (self.rules.iter())
            .flat_map(|rule| rule.targets.iter().map(move |target| (rule, target)));
        let unknown = asked.filter(|(_, target)| terms.antigen(target).is_none());
        let doubt = |(rule, target): (&Rule, &String)| {
            let near = nearest(target, terms.antigens())
                .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let (name, target) = (shorten(&rule.name, LONGEST_NAME), shorten(target, 40));
            format!(
                "watch rule “{name}”: `{target}` is no target that is known; only studies that state none, or that very word, will concern it{near}"
            )
        };
        unknown.map(doubt).collect()
    }

    /// Says whether any rule is about a patient: what is made of it is for its owner only.
    pub fn name_patients(&self) -> bool {
        self.rules.iter().any(|rule| !rule.patients.is_empty())
    }
}

/// The file, to be named in errors.
struct Named<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Named<'_> {
    fn parse(&self) -> Result<Written, WatchError> {
        let source = toml::Deserializer::parse(self.text).map_err(|error| {
            let line = (error.span()).and_then(|span| line_at(self.text, span.start));
            self.at(line, None, one_line(error.message()))
        })?;
        serde_path_to_error::deserialize(source).map_err(|error| {
            let path = Steps::of(error.path());
            let said = one_line(error.inner().message());
            let misspelt = said
                .strip_prefix("unknown field `")
                .and_then(|rest| rest.split('`').next());
            let known = FIELDS.into_iter().chain(["rule"]);
            let hint = misspelt
                .and_then(|word| nearest(word, known))
                .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            self.wrong(&path.0, format!("{said}{hint}"))
        })
    }

    fn patients(&self, rule: &[Step], files: &[String]) -> Result<Vec<Profile>, WatchError> {
        let mut ids = BTreeSet::new();
        let mut patients = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let place = [rule, &key("patients"), &[Step::Index(at)]].concat();
            let path = self.beside(file);
            let profile = regular(&path)
                .and_then(|()| from_file(&path))
                .map_err(|errors| {
                    let what = without_values(&errors);
                    self.wrong(&place, what)
                })?;
            let shown = one_line(&path.display().to_string());
            let Some(id) = &profile.id else {
                let what = format!("`{shown}` has no `id`: the digest calls the patient by it");
                return Err(self.wrong(&place, what));
            };
            if !ids.insert(id.as_str().to_owned()) {
                let what = format!("`{shown}` has the `id` of another patient of this rule");
                return Err(self.wrong(&place, what));
            }
            patients.push(profile);
        }
        Ok(patients)
    }

    /// A file that the rules name lies in their folder.
    fn beside(&self, file: &str) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        folder.join(file)
    }

    fn wrong(&self, path: &[Step], what: String) -> WatchError {
        let field = Some(Steps(path.to_vec()).to_string()).filter(|field| !field.is_empty());
        self.at(in_toml(self.text, path), field.as_deref(), what)
    }

    fn at(&self, line: Option<u64>, field: Option<&str>, what: String) -> WatchError {
        let file = self.path.display().to_string();
        WatchError(ProfileError::new(&file, line, field, what))
    }
}

fn key(name: &str) -> [Step; 1] {
    [Step::Key(name.to_owned())]
}

/// A job reads rules and their patients, and nobody is there who would write into a pipe.
fn regular(path: &Path) -> Result<(), ProfileErrors> {
    whole_file::require_regular(path).map_err(|error| unreadable(path, &error).into())
}

fn first(errors: ProfileErrors) -> WatchError {
    let first = errors.0.into_iter().next();
    WatchError(first.unwrap_or_else(|| ProfileError::new("", None, None, "cannot be used")))
}

/// What is wrong with a profile, without what stands in it: a cron job's errors are mailed and logged.
fn without_values(errors: &ProfileErrors) -> String {
    let file = errors.0.first().map_or("", |one| one.file.as_str());
    let places: Vec<String> = (errors.0.iter().take(5))
        .map(|one| match (one.line, &one.field) {
            (Some(line), Some(field)) => format!("line {line}, field `{}`", shorten(field, 80)),
            (Some(line), None) => format!("line {line}"),
            // Of the file itself, not of what stands in it.
            (None, _) => one.what.clone(),
        })
        .collect();
    format!(
        "the profile `{}` cannot be used: {}; `trialbrief profile check` says what is wrong with it",
        one_line(file),
        places.join("; ")
    )
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    rule: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct WrittenRule {
    name: Option<Name>,
    regions: Vec<RegionWord>,
    countries: Vec<CountryWord>,
    targets: Vec<Target>,
    courses: Vec<CourseWord>,
    phases: Vec<PhaseWord>,
    patients: Vec<String>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct RegionWord(Region);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct CountryWord(Place);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Target(String);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct CourseWord(Course);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct PhaseWord(Phase);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let name = one_line(&text);
        match name.chars().count() {
            0 => Err("is empty: a rule has a name".to_owned()),
            1..=LONGEST_NAME => Ok(Self(name)),
            _ => Err(format!("is longer than {LONGEST_NAME} characters")),
        }
    }
}

impl TryFrom<String> for RegionWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let region: Result<Region, _> = text.parse();
        region.map(Self).map_err(|error| error.to_string())
    }
}

impl TryFrom<String> for CountryWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let country = asked::country(&text).map_err(|error| error.what)?;
        Ok(Self(Place::Country(country)))
    }
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        asked::target(&text).map(Self).map_err(|error| error.what)
    }
}

impl TryFrom<String> for CourseWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        asked::course(&text).map_err(|error| error.what)?;
        text.parse().map(Self)
    }
}

impl TryFrom<String> for PhaseWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        asked::phase(&text).map(Self).map_err(|error| error.what)
    }
}
