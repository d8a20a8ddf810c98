//! Patient: age at today, and sex.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::draft::Draft;
use super::resource::Person;
use crate::study::PartialDate;

/// Reads age and sex; nothing else of a person is looked at.
pub(super) fn read(draft: &mut Draft<'_>, one: &Person) {
    if one.deceased_boolean == Some(true) || one.deceased_date_time.is_some() {
        draft.leave("Patient", "is marked as deceased: check the bundle");
    }
    match one.gender.as_deref() {
        Some(sex @ ("female" | "male")) => draft.keep("Patient.gender", "sex", &json!(sex)),
        Some(_) => draft.leave(
            "Patient.gender",
            "is neither female nor male: fill in `sex` if a trial asks",
        ),
        None => {}
    }
    let Some(birth) = &one.birth_date else { return };
    match age(birth, draft.today) {
        Some(age) => draft.keep("Patient.birthDate", "age", &json!(age)),
        // The date itself is never told.
        None => draft.leave(
            "Patient.birthDate",
            "does not settle the age: fill in `age`",
        ),
    }
}

/// The age, if every day that the date can mean gives the same.
fn age(birth: &str, today: NaiveDate) -> Option<i32> {
    let date: PartialDate = birth.trim().parse().ok()?;
    let at = |day: NaiveDate| {
        let before = (today.month(), today.day()) < (day.month(), day.day());
        today.year() - day.year() - i32::from(before)
    };
    let (oldest, youngest) = (at(date.earliest()), at(date.latest()));
    (oldest == youngest && date.latest() <= today).then_some(oldest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_counted_in_birthdays() {
        let today = NaiveDate::from_ymd_opt(2026, 8, 25).unwrap();
        for (birth, expected) in [
            ("1986-08-25", Some(40)),
            ("1986-08-26", Some(39)),
            ("1984-02-29", Some(42)),
            ("1986-07", Some(40)),
            ("1986-08", None),
            ("1986", None),
            ("2026-08-26", None),
            ("once", None),
        ] {
            assert_eq!(age(birth, today), expected, "{birth}");
        }
    }
}
