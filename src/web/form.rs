//! From the fields of a form to filters, or to a profile.

use serde_json::{Map, Value, json};

use super::problem::Problem;
use crate::patient::{FIELDS, Profile, from_json};
use crate::render;
use crate::render::html::site::{MOST_TREATMENTS, Reach};
use crate::select::{Asked, Filters};
use crate::text::{nearest, shorten};

/// Names and values, in the order in which they came.
pub(super) type Pairs = Vec<(String, String)>;

/// Filters that can stand in an address.
const FILTERS: [&str; 12] = [
    "region",
    "country",
    "phase",
    "status",
    "open-here",
    "target",
    "cell-source",
    "near",
    "within",
    "updated-since",
    "limit",
    "sort",
];

/// Reads what stands behind `?` in an address, or in the body of a form.
pub(super) fn pairs(text: &[u8]) -> Pairs {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Refuses where somebody lives, where others could read it on its way.
pub(super) fn near_allowed(reach: Reach, query: &Pairs) -> Result<(), Problem> {
    if reach.takes_facts() || last(query, "near").is_none() {
        return Ok(());
    }
    let what = "is not taken here: others could read on the way where you live. Leave it out, or start the program on your own machine";
    Err(Problem::of_filter("near", what))
}

/// Reads filters. Facts about a patient are refused: an address is kept in many places.
pub(super) fn filters(reach: Reach, query: &Pairs) -> Result<Filters, Problem> {
    let mut wrong: Vec<Problem> = Vec::new();
    wrong.extend(near_allowed(reach, query).err());
    wrong.extend(
        query
            .iter()
            .filter_map(|(name, _)| known(name, &FILTERS).err()),
    );
    let asked = asked(query, &mut wrong);
    let (filters, misread) = asked.read("open");
    // What was refused as a whole needs no second word.
    let is_told = |field: &str, told: &[Problem]| {
        let all = told.iter().flat_map(|one| &one.wrong);
        all.filter_map(|one| one.field.as_deref())
            .any(|own| own == field)
    };
    for one in misread {
        if !is_told(one.field, &wrong) {
            wrong.push(one.into());
        }
    }
    Problem::of_all(wrong).map_or(Ok(filters), Err)
}

/// The filters as they were typed. What is no number, and what leans on nothing, is told in `wrong` and left out.
fn asked(query: &Pairs, wrong: &mut Vec<Problem>) -> Asked {
    let all = |name: &str| -> Vec<String> {
        let given = query.iter().filter(|(own, _)| own == name);
        let words = given.flat_map(|(_, value)| value.split(','));
        let words = words.map(|word| word.trim().to_owned());
        words.filter(|word| !word.is_empty()).collect()
    };
    let last = |name: &str| last(query, name);
    let near = last("near").map(str::to_owned);
    if near.is_none() && last("within").is_some() {
        let what = "a distance needs a place to count from: give near too";
        wrong.push(Problem::of_filter("within", what));
    }
    let within_km = number(last("within"), "within", "kilometres, more than 0");
    let limit = number(last("limit"), "limit", "whole numbers from 1");
    let limit = limit.and_then(|limit| match limit {
        Some(0) => {
            let what = "`0` is no limit; allowed: whole numbers from 1";
            Err(Problem::of_filter("limit", what))
        }
        limit => Ok(limit),
    });
    let open_here = flag(last("open-here"));
    Asked {
        therapy: "car-t".to_owned(),
        condition: "ms".to_owned(),
        status: all("status"),
        phases: all("phase"),
        regions: all("region"),
        countries: all("country"),
        open_here: kept(wrong, open_here).unwrap_or_default(),
        targets: all("target"),
        cell_sources: all("cell-source"),
        near,
        within_km: kept(wrong, within_km).flatten(),
        updated_since: last("updated-since").map(str::to_owned),
        limit: kept(wrong, limit).flatten(),
        sort: last("sort").unwrap_or_default().to_owned(),
        ..Asked::default()
    }
}

/// What was read; what was not is told in `wrong`.
fn kept<T>(wrong: &mut Vec<Problem>, read: Result<T, Problem>) -> Option<T> {
    read.map_err(|problem| wrong.push(problem)).ok()
}

/// The last value of a field that is not empty.
pub(super) fn last<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let given = pairs.iter().rev().filter(|(own, _)| own == name);
    let mut words = given.map(|(_, value)| value.trim());
    words.find(|value| !value.is_empty())
}

/// Refuses a name that is not among those that are allowed.
pub(super) fn known(name: &str, allowed: &[&str]) -> Result<(), Problem> {
    if allowed.contains(&name) {
        return Ok(());
    }
    let name = shorten(name, 40);
    let field = name.split('.').next().unwrap_or_default().replace('-', "_");
    if FIELDS.contains(&field.as_str()) {
        let what = "a fact about a patient has no place in an address; fill in the form at /me, or send it to /api/screen by POST";
        return Err(Problem::of_filter(&name, what));
    }
    let near = nearest(&name, allowed.iter().copied());
    let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    let allowed = if allowed.is_empty() {
        "none".to_owned()
    } else {
        allowed.join(", ")
    };
    let what = format!("is not known; allowed: {allowed}{hint}");
    Err(Problem::of_filter(&name, &what))
}

fn flag(word: Option<&str>) -> Result<bool, Problem> {
    match word {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let what = format!(
                "`{}` is not known; allowed: true, false",
                shorten(other, 40)
            );
            Err(Problem::of_filter("open-here", &what))
        }
    }
}

fn number<T: std::str::FromStr>(
    word: Option<&str>,
    field: &str,
    allowed: &str,
) -> Result<Option<T>, Problem> {
    let read = |word: &str| {
        word.parse().map_err(|_| {
            let word = shorten(word, 40);
            Problem::of_filter(field, &format!("`{word}` is no number; allowed: {allowed}"))
        })
    };
    word.map(read).transpose()
}

/// Reads a profile from the fields of the form; what is empty is unknown.
pub(super) fn profile(fields: &Pairs) -> Result<Profile, Problem> {
    let (document, names) = document(fields);
    // The name of the file begins each error.
    from_json("the form", &document.to_string()).map_err(|errors| {
        let mut problem = Problem::of_facts(&errors);
        for one in &mut problem.wrong {
            // A line of our own making tells nobody anything.
            let field = one.field.as_deref().map(without_line);
            one.field = field.map(|field| names.of(&field));
            one.what = plainly(&one.what);
        }
        problem
    })
}

/// What is wrong with an answer, for whoever filled in a form.
fn plainly(what: &str) -> String {
    match what.split_once("; allowed: ") {
        Some((wrong, allowed)) if wrong.starts_with("is no ") => {
            let allowed = render::in_everyday_words(allowed);
            format!("This cannot be read. You can write: {allowed}.")
        }
        _ => what.to_owned(),
    }
}

/// Which items of lists came from which fields of the form.
#[derive(Debug, Default)]
struct Names {
    /// The number of the row of each treatment.
    treatments: Vec<usize>,
    /// The kind of each condition, and of each that was never there.
    conditions: Vec<String>,
    absent: Vec<String>,
}

impl Names {
    /// The field of the form that a path in the profile came from; a path that came from none, as it is.
    fn of(&self, path: &str) -> String {
        let found = path.split_once('[').and_then(|(list, rest)| {
            let (at, part) = rest.split_once(']')?;
            let at: usize = at.parse().ok()?;
            Some(match list {
                "treatments" => format!("treatments.{}{part}", self.treatments.get(at)?),
                "conditions" if part == ".since" => format!("since.{}", self.conditions.get(at)?),
                "conditions" => format!("conditions.{}", self.conditions.get(at)?),
                "absent" => format!("conditions.{}", self.absent.get(at)?),
                _ => return None,
            })
        });
        found.unwrap_or_else(|| path.to_owned())
    }
}

fn without_line(field: &str) -> String {
    field.strip_prefix("line 1, ").unwrap_or(field).to_owned()
}

/// A profile as JSON, from names such as `edss`, `labs.igg`, `treatments.1.drug`, `conditions.seizure`.
fn document(fields: &Pairs) -> (Value, Names) {
    let mut all: Map<String, Value> = Map::new();
    let mut treatments: Vec<Map<String, Value>> = vec![Map::new(); MOST_TREATMENTS];
    let (mut conditions, mut absent) = (Vec::new(), Vec::new());
    let mut names = Names::default();
    let since = |kind: &str| last(fields, &format!("since.{kind}"));
    let filled = fields.iter().map(|(name, value)| (name, value.trim()));
    for (name, value) in filled.filter(|(_, value)| !value.is_empty()) {
        let parts: Vec<&str> = name.split('.').collect();
        match parts[..] {
            ["conditions", kind] if value == "never" => {
                names.absent.push(kind.to_owned());
                absent.push(json!(kind));
            }
            ["conditions", kind] if value == "yes" => {
                names.conditions.push(kind.to_owned());
                conditions.push(json!({"kind": kind, "since": since(kind)}));
            }
            // Said of what was not said to be there, a date is a yes.
            ["since", kind] => {
                if last(fields, &format!("conditions.{kind}")).is_none() {
                    names.conditions.push(kind.to_owned());
                    conditions.push(json!({"kind": kind, "since": value}));
                }
            }
            ["treatments", at, part] => {
                let place = at.parse::<usize>().ok().and_then(|at| at.checked_sub(1));
                match place.and_then(|place| treatments.get_mut(place)) {
                    Some(one) => {
                        one.insert(part.to_owned(), json!(value));
                    }
                    None => {
                        all.insert(name.clone(), json!(value));
                    }
                }
            }
            [field @ ("infections" | "antibodies" | "labs"), key] => {
                let map = all.entry(field).or_insert_with(|| json!({}));
                if let Some(map) = map.as_object_mut() {
                    map.insert(key.to_owned(), json!(value));
                }
            }
            _ => {
                all.insert(name.clone(), json!(value));
            }
        }
    }
    let filled = treatments.iter().enumerate();
    let filled = filled.filter(|(_, one)| !one.is_empty());
    names.treatments = filled.map(|(at, _)| at + 1).collect();
    treatments.retain(|one| !one.is_empty());
    let treatments = treatments.into_iter().map(Value::Object).collect();
    let lists = [
        ("treatments", treatments),
        ("conditions", conditions),
        ("absent", absent),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    all.extend(lists.map(|(name, list)| (name.to_owned(), Value::Array(list))));
    (Value::Object(all), names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Pairs {
        let own = fields.iter();
        own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn fields_become_a_profile() {
        let fields = form(&[
            ("edss", " 4.5 "),
            ("age", ""),
            ("treatments.3.drug", "Ocrevus"),
            ("treatments.3.stopped", "ongoing"),
            ("labs.igg", "8.2 g/L"),
            ("conditions.seizure", "never"),
            ("conditions.stroke", "yes"),
            ("since.stroke", "2015"),
            ("conditions.pml", ""),
            ("since.malignancy", "2012"),
        ]);
        assert_eq!(
            document(&fields).0,
            json!({
                "edss": "4.5",
                "treatments": [{"drug": "Ocrevus", "stopped": "ongoing"}],
                "labs": {"igg": "8.2 g/L"},
                "conditions": [{"kind": "stroke", "since": "2015"}, {"kind": "malignancy", "since": "2012"}],
                "absent": ["seizure"],
            })
        );
        assert!(profile(&fields).is_ok());
        assert_eq!(profile(&form(&[])).unwrap(), Profile::default());
        for odd in [
            "treatments.99.drug",
            "treatments.0.drug",
            "conditions.seizure",
            "a.b.c.d",
            "since.x",
        ] {
            assert!(profile(&form(&[(odd, "odd")])).is_err(), "{odd}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_the_field_of_the_form() {
        let fields = form(&[
            ("treatments.2.drug", "Ocrevus"),
            ("treatments.4.reason", "bad"),
            ("since.stroke", "once"),
            ("conditions.flu", "never"),
            ("labs.igg", "much"),
            ("edss", "44"),
        ]);
        let problem = profile(&fields).unwrap_err();
        let mut named: Vec<_> = problem
            .wrong
            .iter()
            .filter_map(|one| one.field.clone())
            .collect();
        named.sort_unstable();
        assert_eq!(
            named,
            [
                "conditions.flu",
                "edss",
                "labs.igg",
                "since.stroke",
                "treatments.4.reason"
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_becomes_a_value_or_an_error(
            names in proptest::collection::vec("([a-z_]{0,12}|treatments|labs|conditions|since|near|region|within|limit|edss)([.-][a-z0-9]{0,4}){0,3}", 0..6),
            value in "\\PC{0,20}|[0-9.,-]{0,20}",
        ) {
            let fields: Pairs = names.into_iter().map(|name| (name, value.clone())).collect();
            let _ = profile(&fields);
            let _ = filters(Reach::Machine, &fields);
        }

        #[test]
        fn bytes_become_pairs(bytes in proptest::collection::vec(0_u8.., 0..200)) {
            let _ = pairs(&bytes);
        }
    }
}
