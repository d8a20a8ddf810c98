//! What the registry's words mean, for people who meet them for the first time.

use crate::place::SiteState;
use crate::study::{OverallStatus, Phase, Study};

/// What a phase asks, in a sentence (21 CFR 312.21; the registry's glossary for the early one).
pub(super) fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Early1 => "Early phase 1: the very first people",
        Phase::Phase1 => "Phase 1: is it safe, and at which dose?",
        Phase::Phase2 => "Phase 2: does it seem to work?",
        Phase::Phase3 => "Phase 3: does it work better than what there is?",
        Phase::Phase4 => "Phase 4: after approval",
        Phase::NotApplicable => "No phase: the registry says that phases do not apply",
        Phase::Other(_) => "A phase that this program does not know",
    }
}

/// What the phases of a study ask.
pub(super) fn phases(study: &Study) -> String {
    match study.phases.as_deref() {
        None | Some([]) => "Phase not stated".to_owned(),
        Some(all) => all.iter().map(phase).collect::<Vec<_>>().join(" · "),
    }
}

/// What the status of a study means for somebody who would join.
pub(super) fn status(study: &Study) -> &'static str {
    match &study.status.overall {
        Some(OverallStatus::Recruiting) => recruiting(study),
        other => of_status(other.as_ref()),
    }
}

/// What a status means for somebody who would join.
pub(super) fn of_status(status: Option<&OverallStatus>) -> &'static str {
    let Some(status) = status else {
        return "ask the study team";
    };
    match status {
        OverallStatus::Recruiting => "taking people in",
        OverallStatus::NotYetRecruiting => "announced; nobody is taken in yet",
        OverallStatus::EnrollingByInvitation => "only people whom the team asks",
        OverallStatus::ActiveNotRecruiting => "going on; nobody new is taken in",
        OverallStatus::Suspended => "stopped for a time",
        OverallStatus::Terminated => "stopped early",
        OverallStatus::Completed => "ended as planned",
        OverallStatus::Withdrawn => "stopped before anyone joined",
        OverallStatus::Unknown => "the record was not renewed for a long time: ask the study team",
        OverallStatus::Available => "the product can be had outside a trial",
        OverallStatus::NoLongerAvailable => "the product can no longer be had outside a trial",
        OverallStatus::TemporarilyNotAvailable => "the product cannot be had for now",
        OverallStatus::ApprovedForMarketing => "the product was approved",
        OverallStatus::Withheld => "the record holds its details back",
        OverallStatus::Other(_) => "a word that this program does not know: ask the study team",
    }
}

/// What "recruiting" comes to, as far as the sites say.
fn recruiting(study: &Study) -> &'static str {
    let states: Vec<SiteState> = (study.sites.iter())
        .map(|site| SiteState::of(site, study))
        .collect();
    let all = |wanted: SiteState| states.iter().all(|state| *state == wanted);
    let any = |wanted: SiteState| states.contains(&wanted);
    match states.as_slice() {
        [] => "taking people in now; no site is named",
        [SiteState::Open] => "taking people in now, at its one site",
        _ if all(SiteState::Open) => "taking people in now, at every site",
        _ if any(SiteState::Open) && !any(SiteState::Opening) && !any(SiteState::Closed) => {
            "taking people in now; some sites do not say whether they do"
        }
        _ if any(SiteState::Open) => "taking people in now, but not at every site",
        _ if any(SiteState::Unknown) => {
            "taking people in now; its sites do not say which of them do"
        }
        _ => {
            "taking people in, says the record, but none of its sites is open now: ask the study team"
        }
    }
}

/// A sign for a state, told apart by its shape; words always stand beside it.
pub(super) fn sign(state: Option<SiteState>) -> &'static str {
    match state {
        Some(SiteState::Open) => "◉",
        Some(SiteState::Opening) => "▲",
        Some(SiteState::Unknown) => "◆",
        Some(SiteState::Closed) => "✕",
        None => "–",
    }
}

/// A state as a class of the style sheet.
pub(super) fn class(state: Option<SiteState>) -> &'static str {
    match state {
        Some(SiteState::Open) => "state state-open",
        Some(SiteState::Opening) => "state state-opening",
        Some(SiteState::Unknown) => "state state-unknown",
        Some(SiteState::Closed) => "state state-closed",
        None => "state",
    }
}
