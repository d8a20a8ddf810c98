//! The draft of a referral: what was stated is filled in, the rest is left to write.

use super::told;
use super::{Brief, Kept, title};
use crate::matching::facts_of;
use crate::patient::{Patient, Taken};
use crate::render::missing;
use crate::render::paper::{Line, Span, text};
use crate::render::{reason, washout};

/// A referral with places to write on, filled with what was stated.
pub(super) fn letter(brief: &Brief<'_>, best: Option<&Kept<'_>>) -> Vec<Line> {
    let study = best.map(Kept::study);
    let about = match study {
        Some(one) => vec![
            Span::Text("About: ".to_owned()),
            Span::Registry(one.study.nct_number),
            Span::Text(format!(" {}", title(one))),
        ],
        None => vec![Span::Text("About study: ".to_owned()), Span::Blank],
    };
    let mut lines = vec![
        vec![
            Span::Text("To: ".to_owned()),
            Span::Blank,
            Span::Text(" Date: ".to_owned()),
            Span::Blank,
        ],
        about,
        vec![
            Span::Text("Patient: ".to_owned()),
            Span::Blank,
            Span::Text(" Date of birth: ".to_owned()),
            Span::Blank,
        ],
        text("Dear colleague, I ask whether this patient could be considered for screening."),
    ];
    lines.push(history(brief.patient));
    lines.push(treatments(brief.patient));
    if let (Some(best), Some(patient)) = (best, brief.patient) {
        lines.push(text(to_settle(best, patient)));
    }
    lines.extend([
        text("Could you tell me whether your site takes people in now, which cohort is open, and which tests you want before a first visit?"),
        vec![
            Span::Text("Neurologist: ".to_owned()),
            Span::Blank,
            Span::Text(" Telephone: ".to_owned()),
            Span::Blank,
        ],
        vec![Span::Text("Signature: ".to_owned()), Span::Blank],
    ]);
    lines
}

fn history(patient: Option<&Patient>) -> Line {
    let profile = patient.map(|one| &one.profile);
    let parts = [
        (
            "Age ",
            profile.and_then(|one| Some(one.age?.get().to_string())),
        ),
        (
            ", sex ",
            profile.and_then(|one| Some(one.sex.as_ref()?.as_str().to_lowercase())),
        ),
        (
            ", course ",
            profile.and_then(|one| Some(told::course(one.ms_course?).to_owned())),
        ),
        (
            ", diagnosed ",
            profile.and_then(|one| Some(one.diagnosed?.to_string())),
        ),
        (
            ", EDSS ",
            profile.and_then(|one| Some(one.edss?.get().to_string())),
        ),
        (
            ", last relapse ",
            profile.and_then(|one| Some(one.last_relapse?.to_string())),
        ),
        (
            ", last MRI ",
            profile.and_then(|one| Some(one.last_mri?.to_string())),
        ),
    ];
    let spans = parts
        .into_iter()
        .flat_map(|(name, value)| [Span::Text(name.to_owned()), told::or_blank(value)]);
    spans.chain([Span::Text(".".to_owned())]).collect()
}

fn treatments(patient: Option<&Patient>) -> Line {
    let taken: Vec<String> = patient
        .iter()
        .flat_map(|one| &one.taken)
        .map(reason::treatment)
        .collect();
    vec![
        Span::Text("Treatments so far: ".to_owned()),
        told::or_blank((!taken.is_empty()).then(|| taken.join("; "))),
        Span::Text(".".to_owned()),
    ]
}

/// What the letter says to be open for the first study.
fn to_settle(best: &Kept<'_>, patient: &Patient) -> String {
    // The same facts as in the table of missing tests: the paper must not contradict itself.
    let facts = (best.found).map_or(Vec::new(), |found| facts_of(patient, found, best.matcher));
    let mut names: Vec<&str> = Vec::new();
    for (field, key) in facts {
        let name = missing::what(field, key);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let washout = (best.found).and_then(|found| washout::earliest(found, best.matcher, patient));
    let washout = washout.map_or(String::new(), |words| {
        format!(" The washouts that the record asks for would be over on {words}")
    });
    let unknown = patient.taken.iter().any(Taken::is_unknown);
    let unknown = if unknown {
        " One drug is not known to the program."
    } else {
        ""
    };
    if best.is_without_rules() {
        format!("The rules of the study are not in the record here.{unknown}")
    } else if names.is_empty() {
        format!("No fact that the rules read here ask for is missing.{washout}{unknown}")
    } else {
        format!("Not known yet: {}.{washout}{unknown}", names.join("; "))
    }
}
