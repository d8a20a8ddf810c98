//! What must hold for any profile, and for any text that is given as one.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};
use trialbrief::geo::Country;
use trialbrief::patient::{Profile, Rows, Schema, from_cells, from_json, from_toml, to_toml};

use crate::reading::bodies;

/// Values of each field, as a cell of a table holds them.
fn cell(field: &'static str) -> BoxedStrategy<String> {
    let date = "(19[5-9][0-9]|20[0-2][0-9])(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?";
    let countries: Vec<&'static str> = Country::all().map(Country::name).collect();
    match field {
        "id" => "[A-Za-z0-9 '\"\\\\#é-]{0,20}[a-z]".boxed(),
        "age" => (0..=120_u32).prop_map(|age| age.to_string()).boxed(),
        "sex" => select(vec!["female", "Male"])
            .prop_map(str::to_owned)
            .boxed(),
        "country" => select(countries).prop_map(str::to_owned).boxed(),
        "near" => select(vec!["Leeds", "Springfield, IL", "北京", "-33.87,151.21"])
            .prop_map(str::to_owned)
            .boxed(),
        "ms_course" => select(vec!["cis", "rrms", "SPMS", "ppms", "rms", "pms", "ms"])
            .prop_map(str::to_owned)
            .boxed(),
        "diagnosed" | "last_relapse" | "last_mri" => date.boxed(),
        "edss" => (0..=20_u32)
            .prop_map(|half| (f64::from(half) / 2.0).to_string())
            .boxed(),
        "relapses_12_months" | "relapses_24_months" | "gd_lesions_last" | "new_t2_last" => {
            (0..=999_u32).prop_map(|count| count.to_string()).boxed()
        }
        "lvef" => (1.0..100.0_f64).prop_map(|share| share.to_string()).boxed(),
        "weight_kg" => (2.0..400.0_f64)
            .prop_map(|weight| weight.to_string())
            .boxed(),
        "treatments" | "infections" | "antibodies" | "labs" | "conditions" | "absent" => {
            many(field, date)
        }
        _ => select(vec!["true", "false", "TRUE"])
            .prop_map(str::to_owned)
            .boxed(),
    }
}

/// Values of fields that hold several things.
fn many(field: &'static str, date: &'static str) -> BoxedStrategy<String> {
    match field {
        "treatments" => {
            let one = (
                select(vec!["Ocrevus", "natalizumab", "a \"drug\" \\ of #9"]),
                prop_oneof![Just(String::new()), date],
                prop_oneof![Just(String::new()), Just("ongoing".to_owned()), date],
                select(vec!["", "failure", "Intolerance", "safety", "other"]),
            );
            let one =
                one.prop_map(|(drug, start, stop, why)| format!("{drug}:{start}:{stop}:{why}"));
            joined(one)
        }
        "infections" => pairs(
            &[
                "hiv",
                "hbv",
                "hcv",
                "tb",
                "syphilis",
                "cmv",
                "ebv",
                "jcv",
                "covid",
                "any_active",
            ],
            &["positive", "negative"],
        ),
        "antibodies" => pairs(&["aqp4", "mog"], &["positive", "negative"]),
        "labs" => {
            let igg = (0.0..50.0_f64).prop_map(|value| format!("igg:{value} g/L"));
            let anc = (0..9_000_u32).prop_map(|value| format!("anc:{value} /uL"));
            let alt = (0.1..9.0_f64).prop_map(|value| format!("alt:{value:.1} xULN"));
            let inr = (0.5..9.0_f64).prop_map(|value| format!("inr:{value:.2}"));
            (igg, anc, alt, inr)
                .prop_map(|(a, b, c, d)| [a, b, c, d].join(";"))
                .boxed()
        }
        "conditions" => {
            let one = (
                select(vec!["seizure", "stroke", "malignancy", "other_autoimmune"]),
                prop_oneof![Just(String::new()), Just("never".to_owned()), date],
            );
            joined(one.prop_map(|(kind, since)| format!("{kind}:{since}")))
        }
        "absent" => joined(select(vec!["pml", "cardiac", "Splenectomy"]).prop_map(str::to_owned)),
        _ => Just(String::new()).boxed(),
    }
}

fn joined(one: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let many = prop::collection::vec(one, 1..4);
    many.prop_map(|all| all.join(";")).boxed()
}

fn pairs(names: &[&'static str], values: &[&'static str]) -> BoxedStrategy<String> {
    let values = values.to_vec();
    let each: Vec<_> = names
        .iter()
        .copied()
        .map(|name: &'static str| {
            select(values.clone()).prop_map(move |value| format!("{name}:{value}"))
        })
        .collect();
    each.prop_map(|all| all.join(";")).boxed()
}

/// Some fields with a value each.
fn cells() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let fields = &trialbrief::patient::FIELDS[1..];
    let some = prop::sample::subsequence(fields.to_vec(), 1..=fields.len());
    some.prop_flat_map(|fields| {
        let each: Vec<_> = fields
            .into_iter()
            .map(|field| cell(field).prop_map(move |cell| (field, cell)))
            .collect();
        each
    })
}

fn read(cells: &[(&'static str, String)]) -> Profile {
    let cells = cells.iter().map(|(name, cell)| (*name, cell.as_str()));
    from_cells("cells", None, cells).unwrap()
}

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz/profile");
    let names = crate::support::files_in(&folder);
    names
        .into_iter()
        .map(|name| std::fs::read(folder.join(name)).unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_prints_reads_back(cells in cells()) {
        let mut profile = read(&cells);
        let printed = to_toml(&profile);
        profile.schema = Some(Schema::One);
        prop_assert_eq!(from_toml("printed", &printed).unwrap(), profile, "{}", printed);
    }

    #[test]
    fn a_table_and_its_cells_say_the_same(cells in cells()) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(cells.iter().map(|(name, _)| *name)).unwrap();
        writer.write_record(cells.iter().map(|(_, cell)| cell)).unwrap();
        let table = writer.into_inner().unwrap();
        let mut rows = Rows::new("table", &table[..]).unwrap();
        let row = rows.next().unwrap().unwrap();
        let mut profile = read(&cells);
        profile.id = profile.id.or_else(|| "row 1".parse().ok());
        profile.line = Some(2);
        prop_assert_eq!(row, profile);
    }

    #[test]
    fn single_values_in_json_are_those_of_cells(cells in cells()) {
        let lists = ["treatments", "infections", "antibodies", "labs", "conditions", "absent"];
        let single: Vec<_> = cells.into_iter().filter(|(name, _)| !lists.contains(name)).collect();
        let fields: Map<String, Value> = single.iter().map(|(name, cell)| ((*name).to_owned(), json!(cell))).collect();
        let json = Value::Object(fields).to_string();
        prop_assert_eq!(from_json("json", &json).unwrap(), read(&single));
    }

    #[test]
    fn a_wrong_cell_is_named_with_its_line_and_column(good in prop::collection::vec(0..=20_u32, 0..6), wrong in any::<Index>()) {
        let at = wrong.index(good.len() + 1);
        let mut lines: Vec<String> = good.iter().map(|half| format!("P,{}", f64::from(*half) / 2.0)).collect();
        lines.insert(at, "P,4.7".to_owned());
        let table = format!("id,edss\n{}\n", lines.join("\n"));
        let rows: Vec<_> = Rows::new("table", table.as_bytes()).unwrap().collect();
        for (place, row) in rows.iter().enumerate() {
            match row {
                Ok(_) => prop_assert_ne!(place, at),
                Err(errors) => {
                    prop_assert_eq!(place, at);
                    prop_assert_eq!(errors.0[0].line, Some(at as u64 + 2));
                    prop_assert_eq!(errors.0[0].field.as_deref(), Some("edss"));
                }
            }
        }
        prop_assert_eq!(rows.iter().filter(|row| row.is_err()).count(), 1);
    }

    #[test]
    fn any_text_is_read_or_told(text in "\\PC{0,120}|[a-z_]{1,12} = [\"\\[\\]{}0-9a-z.:;\\n-]{0,60}") {
        bodies::profile(text.as_bytes());
    }

    #[test]
    fn a_damaged_profile_is_read_or_told(seed in any::<Index>(), from in any::<Index>(), to in any::<Index>(), new in prop::collection::vec(any::<u8>(), 0..8)) {
        let seeds = seeds();
        let mut bytes = seeds[seed.index(seeds.len())].clone();
        let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
        bytes.splice(from.min(to)..from.max(to).min(from.min(to) + 40), new);
        bodies::profile(&bytes);
    }
}
