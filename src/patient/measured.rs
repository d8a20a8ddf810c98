//! Blood values with their units.

use super::Analyte;
use super::words::refused;
use crate::criteria;

/// A blood value as it was given, and in the unit that criteria use.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// As it was written.
    pub words: String,
    /// Number in the unit.
    pub value: f64,
    /// `None`: a bare number (INR), or a unit that no criterion can be compared with.
    pub unit: Option<&'static str>,
    /// It can be compared with a criterion in the same unit.
    pub comparable: bool,
}

impl Measured {
    /// Reads a number with its unit.
    pub(super) fn read(analyte: Analyte, text: &str) -> Result<Self, String> {
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, unit) = (text[..end].trim(), text[end..].trim());
        let number = number
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        let found = number
            .filter(|_| is_plain(analyte, unit))
            .and_then(|number| {
                let (value, unit) = criteria::lab_value(analyte.as_str(), number, unit)?;
                Some((value, unit, true))
            });
        // Enzymes are given in units a litre and asked for in multiples of a limit that each laboratory sets.
        let enzyme = matches!(analyte, Analyte::Alt | Analyte::Ast)
            && ["u/l", "iu/l", "ukat/l"].contains(&unit.to_lowercase().replace('µ', "u").as_str());
        let plain = || Some((number.filter(|_| enzyme)?, None, false));
        let (value, unit, comparable) = found.or_else(plain).ok_or_else(|| {
            let what = format!("value of {analyte}");
            refused(&what, units(analyte))
        })?;
        Ok(Self {
            words: text.to_owned(),
            value,
            unit,
            comparable,
        })
    }
}

/// Criteria write counts in many ways, and are read with patience; a patient's count is not. Whoever
/// writes "thousand" before "/uL" means a thousand times more.
fn is_plain(analyte: Analyte, unit: &str) -> bool {
    if !matches!(
        analyte,
        Analyte::Platelets | Analyte::Anc | Analyte::Alc | Analyte::Wbc
    ) {
        return true;
    }
    let count = unit.split('/').next().unwrap_or_default().to_lowercase();
    let letters: String = count.chars().filter(|c| c.is_alphabetic()).collect();
    ["", "x", "k", "g", "e", "xe", "cell", "cells", "xcells"].contains(&letters.as_str())
}

/// What may stand behind the number.
fn units(analyte: Analyte) -> &'static str {
    match analyte {
        Analyte::Hemoglobin => "a number with g/dL, g/L or mmol/L",
        Analyte::Platelets | Analyte::Anc | Analyte::Alc | Analyte::Wbc => {
            "a number with /uL, x10^9/L or K/uL"
        }
        Analyte::Igg => "a number with mg/dL, g/L or g/dL",
        Analyte::Alt | Analyte::Ast => "a number with U/L, or xULN (times the upper limit)",
        Analyte::Bilirubin | Analyte::Creatinine => {
            "a number with mg/dL, umol/L, or xULN (times the upper limit)"
        }
        Analyte::Egfr => "a number with mL/min/1.73m2 or mL/min",
        Analyte::Inr => "a number below 10 without a unit",
        Analyte::Spo2 => "a number with %",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_never_read_a_thousand_times_too_low() {
        for (text, value) in [
            ("3200 /uL", Some(3200.0)),
            ("3.2 x10^9/L", Some(3200.0)),
            ("3.2 10^3 cells/uL", Some(3200.0)),
            ("3.2 K/uL", Some(3200.0)),
            ("3.2 G/L", Some(3200.0)),
            ("3200 cells/mm3", Some(3200.0)),
            ("3.2 thousand/uL", None),
            ("3.2 Tsd/uL", None),
            ("3.2 thou/mm3", None),
        ] {
            let read = Measured::read(Analyte::Anc, text).ok();
            assert_eq!(read.map(|one| one.value), value, "{text}");
        }
    }
}
