//! What a study asks, made ready once for any number of patients.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::course::Courses;
use super::listed::Listed;
use super::treatment;
use crate::classify::Classified;
use crate::criteria::{CriterionKind, Fact, Polarity, ReadCriterion, Value, Window};
use crate::patient::{Patient, Taken};
use crate::registry::sample::is_abridged;
use crate::study::Sex;
use crate::terminology::{Member, Terminology, Treatments};

/// One thing that a study asks.
#[derive(Debug)]
pub struct Demand<'a> {
    /// `id` of the criterion, or `AGE`, `SEX`; `None` where the record has no criteria.
    pub criterion: Option<&'a str>,
    /// What is asked.
    pub test: Test<'a>,
    /// The words that a reader is shown: whole words and whole brackets.
    pub quote: Cow<'a, str>,
    /// The words that its values were read from.
    pub words: &'a str,
    /// For whom it holds.
    pub(super) scope: Scope,
    /// The window, in the unit of the quote.
    pub(super) window: Option<Window>,
    /// Whether each treatment of the table is one of those that are named.
    members: Vec<Member>,
    /// Drugs are named as examples only: who had none of them may have had another.
    pub(super) by_example: bool,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub enum Test<'a> {
    /// Registered bounds of age, in years.
    Age {
        /// Youngest.
        min: Option<f64>,
        /// Oldest.
        max: Option<f64>,
    },
    /// Registered sex.
    Sex(Option<&'a Sex>),
    /// A fact that was read.
    Fact {
        /// The fact.
        fact: &'a Fact,
        /// Its values hold all of its meaning.
        exact: bool,
    },
    /// A line of which something was not read; all of it, or a part.
    Unread {
        /// Some of it was read.
        partly: bool,
        /// It speaks of no man.
        of_women: bool,
    },
    /// The record has no criteria, or none that can be read.
    NoText,
    /// A note of this program that the text is abridged: there may be more rules than those that stand here.
    Abridged,
    /// The title or the conditions name these courses, and no rule speaks of any.
    Title {
        /// The courses.
        courses: &'a [&'static str],
        /// It stands in the title, not in the list of conditions.
        in_title: bool,
    },
}

/// For whom a demand holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// For all with MS.
    Everyone,
    /// For a cohort of these courses.
    Courses(Courses),
    /// For a cohort, by its place in the list of them; nobody can tell which patients are in it.
    Unclear(usize),
}

/// Kinds that are settled with the site and never decide (contract: verdict).
const SETTLED_WITH_SITE: [&str; 4] = ["consent", "contraception", "venous_access", "vaccination"];

/// Kinds whose share of met demands orders the studies.
const CORE: [&str; 18] = [
    "age",
    "sex",
    "ms_course",
    "edss",
    "disease_duration",
    "relapse",
    "mri_activity",
    "progression",
    "treatment_failure",
    "prior_treatment",
    "cell_or_gene_therapy",
    "transplant",
    "infection",
    "lab",
    "malignancy",
    "pregnancy",
    "pml",
    "antibody",
];

impl<'a> Demand<'a> {
    /// Returns the contract's word for the kind; `None` for a line that was not read.
    pub fn kind(&self) -> Option<&'static str> {
        match self.test {
            Test::Age { .. } => Some("age"),
            Test::Sex(_) => Some("sex"),
            Test::Fact { fact, .. } => Some(fact.value.kind()),
            Test::Title { .. } => Some("ms_course"),
            Test::Unread { .. } | Test::NoText | Test::Abridged => None,
        }
    }

    /// Returns the fact, where one was read.
    pub fn fact(&self) -> Option<&'a Fact> {
        match self.test {
            Test::Fact { fact, .. } => Some(fact),
            _ => None,
        }
    }

    /// Says whether the patient must not have what is named.
    pub fn bars(&self) -> bool {
        self.fact()
            .is_some_and(|fact| fact.polarity == Polarity::Exclude)
    }

    /// Says whether it is settled with the site and never decides.
    pub fn is_for_site(&self) -> bool {
        self.kind()
            .is_some_and(|kind| SETTLED_WITH_SITE.contains(&kind))
    }

    /// Says whether it counts for the order of studies.
    pub(super) fn is_core(&self) -> bool {
        self.kind().is_some_and(|kind| CORE.contains(&kind))
    }

    /// Returns the time that is asked for, in words and in the unit of the quote ("6 months").
    pub fn window_words(&self) -> Option<String> {
        self.window.as_ref().map(Window::words)
    }

    /// Returns how many half-lives of a drug the words ask for beside the time.
    pub fn half_lives(&self) -> Option<u32> {
        self.window.as_ref()?.half_lives
    }

    /// Says whether it speaks of a course of MS, and not of MS as such.
    fn tells_course(&self) -> bool {
        let of_fact = self.fact().is_some_and(|fact| match &fact.value {
            Value::MsCourse { any_of, .. } => any_of.iter().any(|course| *course != "ms"),
            _ => false,
        });
        of_fact || matches!(self.scope, Scope::Courses(_))
    }

    /// Returns the treatments that may be named, or may not, and whose washout would run if they are.
    pub fn may_count<'p>(&self, patient: &'p Patient) -> Vec<&'p Taken> {
        treatment::washouts(self, patient)
            .filter(|one| !one.counts)
            .filter_map(|one| patient.taken.get(one.drug))
            .collect()
    }

    /// Says whether a treatment is one of those that are named.
    pub fn names(&self, taken: &Taken) -> Member {
        let of = |drug: usize| self.members.get(drug).copied();
        if taken.procedure.is_some() {
            // It is no drug, but drugs come with it, and some rules count it among them.
            let mut beside = taken.may_be.iter().filter_map(|drug| of(*drug));
            return if beside.any(|member| member != Member::No) {
                Member::Unclear
            } else {
                Member::No
            };
        }
        taken.drug.and_then(of).unwrap_or(Member::Unclear)
    }
}

/// Returns what a study asks, in the order of its text, and how many cohorts
/// there are that nobody can tell apart.
pub(super) fn demands<'a>(one: &'a Classified, terms: &Terminology) -> (Vec<Demand<'a>>, usize) {
    let eligibility = &one.study.eligibility;
    let years = |age: &Option<crate::study::Age>| age.as_ref().map(crate::study::Age::years);
    let (min, max) = (years(&eligibility.min_age), years(&eligibility.max_age));
    let bound = |age: &Option<crate::study::Age>| {
        age.as_ref()
            .map_or("no limit".to_owned(), ToString::to_string)
    };
    let mut all = vec![
        registered(
            "AGE",
            Test::Age { min, max },
            format!(
                "{} to {}",
                bound(&eligibility.min_age),
                bound(&eligibility.max_age)
            ),
        ),
        registered(
            "SEX",
            Test::Sex(eligibility.sex.as_ref()),
            eligibility
                .sex
                .as_ref()
                .map_or("ALL", Sex::as_str)
                .to_owned(),
        ),
    ];
    let text = eligibility.text.as_deref().unwrap_or_default();
    let mut labels: Vec<&str> = Vec::new();
    let mut of_others = None;
    let mut asks = false;
    for criterion in &one.criteria.criteria {
        let id = &criterion.criterion.id;
        let body = criterion.criterion.body(text);
        if is_abridged(body) {
            all.push(registered(id, Test::Abridged, body.to_owned()));
        } else if let Some(scope) = scope(criterion, &mut labels) {
            asks |= criterion.criterion.kind != CriterionKind::Exclusion;
            all.extend(of_criterion(criterion, text, scope, terms.treatments()));
        } else {
            of_others = of_others.or(Some(criterion));
        }
    }
    // Where all that is asked for is asked of people with another disease, who else may join is not known.
    all.extend(
        of_others
            .filter(|_| !asks)
            .map(|other| unread(other, text, false, Scope::Everyone)),
    );
    if one.criteria.criteria.is_empty() {
        all.push(Demand {
            criterion: None,
            ..registered("", Test::NoText, String::new())
        });
    }
    all.extend(title(one).filter(|_| !all.iter().any(Demand::tells_course)));
    (all, labels.len())
}

/// The courses that the title names. It is no rule: it rules nobody out, and is asked about.
fn title(one: &Classified) -> Option<Demand<'_>> {
    let titled = one.ms.titled.as_ref()?;
    let courses = &titled.courses;
    let in_title = titled.evidence.field.contains("identificationModule");
    let test = Test::Title { courses, in_title };
    Some(registered("TITLE", test, titled.evidence.quote.clone()))
}

fn registered<'a>(id: &'a str, test: Test<'a>, quote: String) -> Demand<'a> {
    Demand {
        criterion: Some(id),
        test,
        quote: Cow::Owned(quote),
        words: "",
        scope: Scope::Everyone,
        window: None,
        members: Vec::new(),
        by_example: false,
    }
}

fn of_criterion<'a>(
    one: &'a ReadCriterion,
    text: &'a str,
    scope: Scope,
    treatments: &Treatments,
) -> Vec<Demand<'a>> {
    let full = one.is_fully_read(text);
    let more = one.holds_more(text);
    let body = one.criterion.body(text);
    // "Patients with RRMS must …" asks nothing of others, and not for RRMS.
    let is_limited = LIMITED.iter().any(|pattern| pattern.is_match(body));
    let several = one.is_for_several(text);
    let names_whom = |fact: &&Fact| is_limited && matches!(fact.value, Value::MsCourse { .. });
    let mut demands: Vec<Demand<'a>> = (one.facts.iter())
        .filter(|fact| !names_whom(fact))
        .map(|fact| {
            let quote = text.get(fact.quote.clone()).unwrap_or_default();
            // "Progressive MS that is active" bars less than all progressive MS.
            let barred_course =
                fact.polarity == Polarity::Exclude && matches!(fact.value, Value::MsCourse { .. });
            let exact = fact.certainty == crate::criteria::Certainty::Exact;
            let says_more = is_limited
                || several && is_measured(&fact.value)
                || more && barred_course
                || has_another_way(fact, quote, body, more);
            Demand {
                criterion: Some(&one.criterion.id),
                test: Test::Fact {
                    fact,
                    exact: exact && !says_more,
                },
                quote: Cow::Borrowed(text.get(one.shown(text, fact)).unwrap_or(quote)),
                words: quote,
                scope,
                window: window(&fact.value, quote),
                members: members(&fact.value, quote, treatments),
                by_example: by_example(&fact.value, quote, treatments),
            }
        })
        .collect();
    let with_site = !demands.is_empty() && demands.iter().all(Demand::is_for_site);
    let approximate =
        (demands.iter()).any(|one| matches!(one.test, Test::Fact { exact: false, .. }));
    // A fact that holds less than its words says so itself.
    if !full && !with_site && !approximate {
        let partly = !demands.is_empty();
        demands.push(unread(one, text, partly, scope));
    }
    demands
}

/// A line of which something was not read.
fn unread<'a>(one: &'a ReadCriterion, text: &'a str, partly: bool, scope: Scope) -> Demand<'a> {
    Demand {
        criterion: Some(&one.criterion.id),
        test: Test::Unread {
            partly,
            of_women: one.is_of_women_alone(text),
        },
        quote: Cow::Borrowed(one.criterion.body(text)),
        words: one.criterion.body(text),
        scope,
        window: None,
        members: Vec::new(),
        by_example: false,
    }
}

/// Kinds that a line may give for each of several diseases.
fn is_measured(value: &Value) -> bool {
    !matches!(
        value,
        Value::MsCourse { .. } | Value::Antibody(_) | Value::Windowed(..) | Value::Plain(_)
    )
}

static LIMITED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const COURSE: &str = r"(?:active |non-?active )?(?:RRMS|SPMS|PPMS|RMS|PMS|CIS|(?:relapsing(?:[- ]remitting)?|(?:secondary|primary)[- ]progressive|progressive)(?: MS| multiple sclerosis)?)(?-u:\b)";
    const PEOPLE: &str = r"(?:patients|participants|subjects|people|persons|individuals|those)";
    const MUST: &str = r"(?:must|should|need|have to|has to|are required|will need|only)(?-u:\b)";
    Regex::new(&format!(
        r"(?i)^\W*(?:(?:if|for|in|when) (?:the )?(?:{PEOPLE} )?(?:with |diagnosed with |has |have )?{COURSE}|{PEOPLE} (?:with|who have) (?:a diagnosis of )?{COURSE}[,:]? {MUST}|{COURSE} {PEOPLE}[,:]? {MUST})"
    ))
    .ok()
});

static ANOTHER_WAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:or|unless|except|allowed|permitted|opinion|discretion)(?-u:\b)")
        .ok()
});

/// "By the criteria of 2012 or of a later year" gives a choice of criteria, not of courses.
static CRITERIA_CHOICE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)or\s+(?:(?:the|by|per|revised|modified|new|newer|current|diagnostic|international|panel|(?:19|20)[0-9]{2})\s+){0,4}(?:McDonald|Poser|Thompson|Polman|criteria)(?-u:\b)").ok()
});

/// Says whether a line offers another way to meet a demand than the words it was read from: then
/// those words alone rule nobody out.
fn has_another_way(fact: &Fact, quote: &str, body: &str, more: bool) -> bool {
    let is_bound = matches!(fact.value, Value::Edss { .. });
    if fact.polarity != Polarity::Require || !more && !is_bound {
        return false;
    }
    let (before, behind) = body.split_once(quote).unwrap_or((body, ""));
    let is_course = matches!(fact.value, Value::MsCourse { .. });
    let offers = |part: &str| {
        let criteria = CRITERIA_CHOICE.iter().filter(|_| is_course);
        let part = criteria.fold(Cow::Borrowed(part), |part, pattern| {
            Cow::Owned(pattern.replace_all(&part, " ").into_owned())
        });
        ANOTHER_WAY.iter().any(|pattern| pattern.is_match(&part))
    };
    offers(before) || offers(behind)
}

fn window(value: &Value, quote: &str) -> Option<Window> {
    let stated = |amount: &Option<f64>| amount.filter(|amount| *amount > 0.0);
    match value {
        Value::PriorTreatment { window_days, .. } | Value::CellOrGeneTherapy { window_days } => {
            Some(Window::of_days(quote, stated(window_days)?))
        }
        Value::Malignancy { window_years } => Some(Window::of_years(quote, stated(window_years)?)),
        Value::Relapse { window_months, .. }
        | Value::MriActivity { window_months, .. }
        | Value::Progression { window_months }
        | Value::Windowed(_, window_months) => {
            Some(Window::of_months(quote, stated(window_months)?))
        }
        Value::DiseaseDuration {
            min_years,
            max_years,
        } => Some(Window::of_years(
            quote,
            stated(max_years).or(stated(min_years))?,
        )),
        _ => None,
    }
}

/// Says of each treatment of the table whether it is one of those that are named.
fn members(value: &Value, quote: &str, treatments: &Treatments) -> Vec<Member> {
    let (Value::PriorTreatment {
        treatments: names, ..
    }
    | Value::TreatmentFailure { classes: names, .. }) = value
    else {
        return Vec::new();
    };
    let listed = Listed::of(names, quote, treatments);
    let holds = |one| listed.holds(one, treatments);
    treatments.list().iter().map(holds).collect()
}

static EXAMPLES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:drugs?|medications?|medicines?|agents?|therap(?:y|ies)|treatments?|products?),? \(?(?:such as|like|e\.?g|including|includes?|for example|for instance)(?-u:\b)").ok()
});

/// "Drugs such as A and B" names no class that would say which others are meant.
fn by_example(value: &Value, quote: &str, treatments: &Treatments) -> bool {
    let Value::PriorTreatment {
        treatments: names, ..
    } = value
    else {
        return false;
    };
    EXAMPLES.iter().any(|pattern| pattern.is_match(quote))
        && !names.iter().any(|name| treatments.is_group(name))
}

static COURSE_WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?P<rrms>(?-u:\b)RRMS(?-u:\b)|relapsing[- ]remitting)|(?P<spms>(?-u:\b)SPMS(?-u:\b)|secondary[- ]progressive)|(?P<ppms>(?-u:\b)PPMS(?-u:\b)|primary[- ]progressive)|(?P<rms>(?-u:\b)RMS(?-u:\b)|relapsing)|(?P<pms>(?-u:\b)PMS(?-u:\b)|progressive)").ok()
});

/// A label of MS as such: its name, and no part of it ("early MS").
static OF_MS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|(?-u:\b)(?:or|and|with) |[,/] ?)(?:MS|multiple sclerosis)(?: \(MS\))?(?: (?:patients|participants|subjects|group|cohort|arm|only))*(?:$|[,/]| (?:or|and)(?-u:\b))").ok()
});

/// For whom a criterion holds; `None` where it is of no concern to people with MS.
fn scope<'a>(one: &'a ReadCriterion, labels: &mut Vec<&'a str>) -> Option<Scope> {
    let Some(label) = one.applies_to.as_deref() else {
        return Some(Scope::Everyone);
    };
    let names_ms = one.is_for_ms();
    if one.is_of_others() {
        return None;
    }
    let found = COURSE_WORDS
        .iter()
        .flat_map(|pattern| pattern.captures_iter(label));
    let words: Vec<&str> = found
        .filter_map(|parts| {
            ["rrms", "spms", "ppms", "rms", "pms"]
                .into_iter()
                .find(|name| parts.name(name).is_some())
        })
        .collect();
    if !words.is_empty() {
        return Some(Scope::Courses(Courses::of(&words)));
    }
    // "MS", "MS patients", "MS or NMOSD": all with MS, whatever their course.
    if names_ms && OF_MS.iter().any(|pattern| pattern.is_match(label)) {
        return Some(Scope::Everyone);
    }
    let at = labels
        .iter()
        .position(|known| *known == label)
        .unwrap_or_else(|| {
            labels.push(label);
            labels.len() - 1
        });
    Some(Scope::Unclear(at))
}
