//! Typed facts (contract: fact). Each names the words that it was read from.

use std::ops::Range;

/// What a fact demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// The patient must have it.
    Require,
    /// Having it bars the patient.
    Exclude,
}

/// Whether the values hold the whole meaning of the quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// They do.
    Exact,
    /// Something is left to read.
    Approximate,
}

/// A fact that was read from a criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Kind and values.
    pub value: Value,
    /// What it demands.
    pub polarity: Polarity,
    /// Byte offsets of the quote in the eligibility text.
    pub quote: Range<usize>,
    /// Whether the values hold the whole meaning of the quote.
    pub certainty: Certainty,
}

/// Kind and values of a fact. Bounds are inclusive; windows are months, days or
/// years as the name says, 0 = current only, `None` = ever or not stated.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Age in years, from the text.
    Age {
        /// Youngest.
        min: Option<f64>,
        /// Oldest.
        max: Option<f64>,
    },
    /// The one sex that may join.
    Sex(&'static str),
    /// Course of MS.
    MsCourse {
        /// `cis rrms spms ppms rms pms ms`, any of them.
        any_of: Vec<&'static str>,
        /// `active` or `not_active`.
        activity: Option<&'static str>,
    },
    /// Expanded Disability Status Scale (Kurtzke 1983), in half steps.
    Edss {
        /// Lowest.
        min: Option<f64>,
        /// Highest.
        max: Option<f64>,
    },
    /// Years since diagnosis or first symptom.
    DiseaseDuration {
        /// Fewest.
        min_years: Option<f64>,
        /// Most.
        max_years: Option<f64>,
    },
    /// Relapses.
    Relapse {
        /// Fewest; `None` as an exclusion: any.
        min_count: Option<u32>,
        /// Months that are looked back.
        window_months: Option<f64>,
    },
    /// Activity on MRI.
    MriActivity {
        /// `gd`, `new_t2` or `any`.
        lesion: &'static str,
        /// Months that are looked back.
        window_months: Option<f64>,
    },
    /// Worsening of disability.
    Progression {
        /// Months that are looked back.
        window_months: Option<f64>,
    },
    /// Activity or worsening on treatment.
    TreatmentFailure {
        /// Treatments that failed, at least.
        min_count: u32,
        /// Drugs, classes, or `any`.
        classes: Vec<String>,
    },
    /// Treatment before or now.
    PriorTreatment {
        /// Drugs or classes.
        treatments: Vec<String>,
        /// Days that are looked back.
        window_days: Option<f64>,
    },
    /// Engineered cells or gene therapy before.
    CellOrGeneTherapy {
        /// Days that are looked back.
        window_days: Option<f64>,
    },
    /// Transplants before.
    Transplant(Vec<&'static str>),
    /// Infections and positive tests.
    Infection(Vec<&'static str>),
    /// Antibodies of other diseases.
    Antibody(Vec<&'static str>),
    /// A blood or oxygen value.
    Lab {
        /// What is measured.
        analyte: &'static str,
        /// `>`, `>=`, `<` or `<=`.
        op: &'static str,
        /// In the unit.
        value: f64,
        /// `g/dL`, `/uL`, `mg/dL`, `mL/min/1.73m2`, `%`, `xULN` …
        unit: Option<&'static str>,
    },
    /// Heart.
    Cardiac {
        /// Lowest ejection fraction of the left ventricle, per cent.
        lvef_min: Option<f64>,
        /// Lowest class of the New York Heart Association that is barred.
        nyha_min: Option<u32>,
        /// Event or disease.
        event: Option<&'static str>,
        /// Months that are looked back.
        window_months: Option<f64>,
    },
    /// Cancer.
    Malignancy {
        /// Years that are looked back.
        window_years: Option<f64>,
    },
    /// Contraception.
    Contraception {
        /// Months after treatment.
        months: Option<f64>,
        /// Who; `None` = both.
        sex: Option<&'static str>,
    },
    /// Vaccination.
    Vaccination {
        /// A live vaccine.
        live: bool,
        /// Days.
        window_days: Option<f64>,
    },
    /// Markers in the spinal fluid.
    Csf {
        /// Oligoclonal bands.
        oligoclonal_bands: Option<bool>,
        /// Raised index of immunoglobulin G.
        igg_index: Option<bool>,
    },
    /// A kind without values: `pregnancy`, `breastfeeding`, `mri`, `lumbar_puncture`, `venous_access`, `consent`.
    Plain(&'static str),
    /// A kind with a window only: `seizure`, `stroke`, `pml` …
    Windowed(&'static str, Option<f64>),
}

impl Value {
    /// Returns the contract's word for the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Age { .. } => "age",
            Self::Sex(_) => "sex",
            Self::MsCourse { .. } => "ms_course",
            Self::Edss { .. } => "edss",
            Self::DiseaseDuration { .. } => "disease_duration",
            Self::Relapse { .. } => "relapse",
            Self::MriActivity { .. } => "mri_activity",
            Self::Progression { .. } => "progression",
            Self::TreatmentFailure { .. } => "treatment_failure",
            Self::PriorTreatment { .. } => "prior_treatment",
            Self::CellOrGeneTherapy { .. } => "cell_or_gene_therapy",
            Self::Transplant(_) => "transplant",
            Self::Infection(_) => "infection",
            Self::Antibody(_) => "antibody",
            Self::Lab { .. } => "lab",
            Self::Cardiac { .. } => "cardiac",
            Self::Malignancy { .. } => "malignancy",
            Self::Contraception { .. } => "contraception",
            Self::Vaccination { .. } => "vaccination",
            Self::Csf { .. } => "csf",
            Self::Plain(kind) | Self::Windowed(kind, _) => kind,
        }
    }
}

impl Polarity {
    /// Returns [`Polarity::Exclude`] where having it bars, else [`Polarity::Require`].
    pub(super) fn exclude_if(bars: bool) -> Self {
        if bars { Self::Exclude } else { Self::Require }
    }

    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::Exclude => "exclude",
        }
    }
}

impl Certainty {
    /// Returns [`Certainty::Approximate`] where something is left to read.
    pub(super) fn approximate_if(doubtful: bool) -> Self {
        if doubtful {
            Self::Approximate
        } else {
            Self::Exact
        }
    }

    /// Returns the contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Approximate => "approximate",
        }
    }
}
