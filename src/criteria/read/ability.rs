//! What must be possible: scans, lumbar punctures, access to a vein, consent.

use super::Rule;
use crate::criteria::fact::{Certainty, Fact, Polarity, Value};
use crate::criteria::item::Item;
use crate::criteria::pattern::{Pattern, patterns};

patterns! {
    MRI = r"(?-u:\b)MRI(?-u:\b)|magnetic resonance";
    MRI_UNABLE = r"contra-?\s?indicat|unable|inability|unwilling|unsafe|claustrophob|pacemaker|incompatible|cannot|not able|metal|able (?:and willing )?to (?:undergo|have|tolerate)|willing to (?:undergo|have)|ability to (?:undergo|have)|suitable for|sensitive to gad|can (?:undergo|have)|fit for (?:an? )?(?:MRI|magnetic)|possible|can (?:both )?be (?:done|performed|made)";
    LP = r"lumbar puncture|spinal tap|(?:CSF|cerebral spinal fluid|cerebrospinal fluid)(?: \(CSF\))? (?:exam|collection|sampling)\w*";
    LP_UNABLE = r"contraindicat|unable|inability|unwilling|unsafe|cannot|not able|willing|able to|agree|consent|possible|can (?:both )?be (?:done|performed|made)";
    VEIN = r"(?:venous|vascular) access|peripheral access|access for (?:leuk)?apheresis|suitable veins";
    CONSENT = r"informed\s+consent|written consent|consent\s+forms?|(?:sign\w*|give|provid\w*) (?:\w+ ){0,3}consent|consent is given|consent of (?:the )?(?:parents?|legal|guardian)|consent to participate|assent|(?-u:\b)ICF(?-u:\b)";
    CONSENT_GIVES = r"sign|give|provid|willing|able to|abilit|understand|obtain|written|agree|capable|signed|consent form|unable|absence of|lack of|without|refus|of (?:the )?(?:parents?|legal|guardian)";
}

/// What must be possible.
pub(super) static RULES: [Rule; 3] = [
    Rule::one("mri|magnetic", &MRI, scan),
    Rule::one("lumbar|spinal|csf", &LP, lumbar_puncture),
    Rule::one("access|vein", &VEIN, venous_access),
];

fn scan(item: &Item<'_>) -> Option<Fact> {
    let is_lesion = item.text.to_lowercase().contains("lesion");
    (!is_lesion)
        .then(|| possible(item, "mri", &MRI, &MRI_UNABLE))
        .flatten()
}

fn lumbar_puncture(item: &Item<'_>) -> Option<Fact> {
    possible(item, "lumbar_puncture", &LP, &LP_UNABLE)
}

fn venous_access(item: &Item<'_>) -> Option<Fact> {
    possible(item, "venous_access", &VEIN, &VEIN)
}

/// What must be possible, in a clause that speaks of being able to.
fn possible(item: &Item<'_>, kind: &'static str, what: &Pattern, able: &Pattern) -> Option<Fact> {
    let clause = item.clause(what.find(item.text)?.start);
    able.is_in(item.part(clause.clone())).then(|| {
        let value = Value::Plain(kind);
        item.fact(value, Polarity::Require, clause, Certainty::Exact)
    })
}

/// Reads consent once a study, wherever it stands first.
pub(super) fn consent(item: &Item<'_>) -> Option<Fact> {
    let span = CONSENT.find(item.text)?;
    let clause = item.clause(span.start);
    let words = item.part(clause.clone());
    if CONSENT_TIME.is_in(words) || !CONSENT_GIVES.is_in(words) || item.text.len() > 900 {
        return None;
    }
    Some(item.fact(
        Value::Plain("consent"),
        Polarity::Require,
        clause,
        Certainty::Exact,
    ))
}

patterns! {
    CONSENT_TIME = r"(?:at|as of|prior to|before|time of|date)(?: the)?(?: time of| date of| date)?(?: the)?(?: signing)?(?: of)?(?: the)? (?:informed )?(?:consent|ICF)|consent (?:visit|date)|years at";
}
