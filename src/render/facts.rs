//! Facts in the JSON of the contract: every value key of the kind, `null` where absent.

use serde_json::{Map, Value as Json, json};

use crate::criteria::{Fact, ReadCriterion, Value};

/// Returns a fact as the contract's object.
pub(super) fn fact(text: &str, criterion: &ReadCriterion, fact: &Fact) -> Json {
    let mut object = Map::new();
    object.insert("kind".into(), json!(fact.value.kind()));
    object.insert("polarity".into(), json!(fact.polarity.as_str()));
    for (key, value) in values(&fact.value) {
        object.insert(key.into(), value);
    }
    object.insert(
        "quote".into(),
        json!(text.get(criterion.shown(text, fact)).unwrap_or_default()),
    );
    object.insert("certainty".into(), json!(fact.certainty.as_str()));
    Json::Object(object)
}

/// Value keys of the kind, in the contract's order.
fn values(value: &Value) -> Vec<(&'static str, Json)> {
    match value {
        Value::Age { min, max } | Value::Edss { min, max } => {
            vec![("min", number(*min)), ("max", number(*max))]
        }
        Value::Sex(sex) => vec![("value", json!(sex))],
        Value::MsCourse { any_of, activity } => {
            vec![("any_of", json!(any_of)), ("activity", json!(activity))]
        }
        Value::DiseaseDuration {
            min_years,
            max_years,
        } => {
            vec![
                ("min_years", number(*min_years)),
                ("max_years", number(*max_years)),
            ]
        }
        Value::Relapse {
            min_count,
            window_months,
        } => {
            vec![
                ("min_count", json!(min_count)),
                ("window_months", number(*window_months)),
            ]
        }
        Value::MriActivity {
            lesion,
            window_months,
        } => {
            vec![
                ("lesion", json!(lesion)),
                ("window_months", number(*window_months)),
            ]
        }
        Value::Progression { window_months } | Value::Windowed(_, window_months) => {
            vec![("window_months", number(*window_months))]
        }
        Value::TreatmentFailure { min_count, classes } => {
            vec![("min_count", json!(min_count)), ("classes", json!(classes))]
        }
        Value::Plain(_) => Vec::new(),
        other => values_of_health(other),
    }
}

fn values_of_health(value: &Value) -> Vec<(&'static str, Json)> {
    match value {
        Value::PriorTreatment {
            treatments,
            window_days,
        } => {
            vec![
                ("treatments", json!(treatments)),
                ("window_days", number(*window_days)),
            ]
        }
        Value::CellOrGeneTherapy { window_days } => vec![("window_days", number(*window_days))],
        Value::Transplant(types) => vec![("types", json!(types))],
        Value::Infection(agents) | Value::Antibody(agents) => vec![("agents", json!(agents))],
        Value::Malignancy { window_years } => vec![("window_years", number(*window_years))],
        Value::Contraception { months, sex } => {
            vec![("months", number(*months)), ("sex", json!(sex))]
        }
        Value::Vaccination { live, window_days } => {
            vec![("live", json!(live)), ("window_days", number(*window_days))]
        }
        other => values_of_measures(other),
    }
}

fn values_of_measures(value: &Value) -> Vec<(&'static str, Json)> {
    match value {
        Value::Lab {
            analyte,
            op,
            value,
            unit,
        } => vec![
            ("analyte", json!(analyte)),
            ("op", json!(op)),
            ("value", number(Some(*value))),
            ("unit", json!(unit)),
        ],
        Value::Cardiac {
            lvef_min,
            nyha_min,
            event,
            window_months,
        } => vec![
            ("lvef_min", number(*lvef_min)),
            ("nyha_min", json!(nyha_min)),
            ("event", json!(event)),
            ("window_months", number(*window_months)),
        ],
        Value::Csf {
            oligoclonal_bands,
            igg_index,
        } => {
            vec![
                ("oligoclonal_bands", json!(oligoclonal_bands)),
                ("igg_index", json!(igg_index)),
            ]
        }
        _ => Vec::new(),
    }
}

/// Whole numbers are written without a fraction.
pub(super) fn number(value: Option<f64>) -> Json {
    match value {
        None => Json::Null,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be whole and small"
        )]
        Some(value) if value.fract() == 0.0 && value.abs() < 1e9 => json!(value as i64),
        Some(value) => json!(value),
    }
}
