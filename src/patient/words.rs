//! The words and numbers of a profile, each a type that cannot be wrong.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::geo::Country;

/// Builds the sentence on a word that is not allowed. The word itself stays out of it, and the nearest one too: it
/// is a fact about a patient, and errors are logged.
pub(super) fn refused(what: &str, allowed: &str) -> String {
    format!("is no {what}; allowed: {allowed}")
}

/// Declares a closed list of words, read without regard to case and to `-` or space for `_`.
macro_rules! closed {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$item:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$item])* $variant),+ }

        impl $name {
            /// Every word, in the contract's order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the contract's word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let word = text.trim().to_lowercase().replace(['-', ' '], "_");
                let words = || Self::ALL.iter().map(|one| one.as_str());
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or_else(|| {
                    refused($what, &words().collect::<Vec<_>>().join(", "))
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

closed! {
    /// The form of a profile.
    Schema, "profile that this version reads", {
        /// The only one so far.
        One = "trialbrief.patient/1",
    }
}

closed! {
    /// Course of MS (Lublin 2014).
    Course, "course of MS", {
        /// Clinically isolated syndrome.
        Cis = "cis",
        /// Relapsing-remitting.
        Rrms = "rrms",
        /// Secondary progressive.
        Spms = "spms",
        /// Primary progressive.
        Ppms = "ppms",
        /// Relapsing, not told which.
        Rms = "rms",
        /// Progressive, not told which.
        Pms = "pms",
        /// MS, not told which.
        Ms = "ms",
    }
}

closed! {
    /// Sex, as studies ask for it.
    SexWord, "sex that studies ask for", {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
    }
}

closed! {
    /// A plain answer.
    YesNo, "answer", {
        /// It is so.
        Yes = "true",
        /// It is not so.
        No = "false",
    }
}

impl YesNo {
    /// Says whether it is so.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

closed! {
    /// What a test said.
    TestResult, "result of a test", {
        /// Found.
        Positive = "positive",
        /// Not found.
        Negative = "negative",
    }
}

closed! {
    /// Why a treatment was stopped.
    Reason, "reason", {
        /// The disease went on in spite of it.
        Failure = "failure",
        /// It was not borne.
        Intolerance = "intolerance",
        /// A risk became too large.
        Safety = "safety",
        /// Something else.
        Other = "other",
    }
}

closed! {
    /// Agents of infections (contract: fact `infection`).
    Agent, "agent of an infection", {
        /// Human immunodeficiency virus.
        Hiv = "hiv",
        /// Hepatitis B virus, by a test of no name.
        Hbv = "hbv",
        /// Surface antigen of hepatitis B: the virus is there.
        Hbsag = "hbsag",
        /// Antibody against the core of hepatitis B: the virus is there, or was.
        HbvCore = "hbv_core",
        /// DNA of hepatitis B: the virus is there.
        HbvDna = "hbv_dna",
        /// Hepatitis C virus, by a test of no name.
        Hcv = "hcv",
        /// Antibody against hepatitis C: the virus is there, or was.
        HcvAntibody = "hcv_antibody",
        /// RNA of hepatitis C: the virus is there.
        HcvRna = "hcv_rna",
        /// Tuberculosis.
        Tb = "tb",
        /// Syphilis.
        Syphilis = "syphilis",
        /// Cytomegalovirus.
        Cmv = "cmv",
        /// Epstein-Barr virus.
        Ebv = "ebv",
        /// JC virus.
        Jcv = "jcv",
        /// SARS-CoV-2.
        Covid = "covid",
        /// Any infection that is active now.
        AnyActive = "any_active",
    }
}

impl Agent {
    /// Returns the agent that a test is of; itself, where it is no test by name.
    #[must_use]
    pub fn of(self) -> Self {
        match self {
            Self::Hbsag | Self::HbvCore | Self::HbvDna => Self::Hbv,
            Self::HcvAntibody | Self::HcvRna => Self::Hcv,
            other => other,
        }
    }
}

closed! {
    /// Antibodies of other diseases (contract: fact `antibody`).
    Antibody, "antibody", {
        /// Against aquaporin-4.
        Aqp4 = "aqp4",
        /// Against myelin oligodendrocyte glycoprotein.
        Mog = "mog",
    }
}

closed! {
    /// Blood and oxygen values (contract: fact `lab`).
    Analyte, "blood value", {
        /// Haemoglobin.
        Hemoglobin = "hemoglobin",
        /// Platelets.
        Platelets = "platelets",
        /// Neutrophils.
        Anc = "anc",
        /// Lymphocytes.
        Alc = "alc",
        /// White blood cells.
        Wbc = "wbc",
        /// Immunoglobulin G.
        Igg = "igg",
        /// Alanine aminotransferase.
        Alt = "alt",
        /// Aspartate aminotransferase.
        Ast = "ast",
        /// Bilirubin.
        Bilirubin = "bilirubin",
        /// Estimated filtration rate of the kidneys.
        Egfr = "egfr",
        /// Creatinine.
        Creatinine = "creatinine",
        /// International normalized ratio.
        Inr = "inr",
        /// Oxygen saturation.
        Spo2 = "spo2",
    }
}

closed! {
    /// Diseases and events (contract: kinds of facts that a patient can have).
    Kind, "disease or event that criteria ask for", {
        /// Cancer.
        Malignancy = "malignancy",
        /// Heart disease or event.
        Cardiac = "cardiac",
        /// Seizure.
        Seizure = "seizure",
        /// Stroke.
        Stroke = "stroke",
        /// Progressive multifocal leukoencephalopathy.
        Pml = "pml",
        /// Another disease of brain or spinal cord.
        CnsDisorder = "cns_disorder",
        /// Psychiatric disease.
        Psychiatric = "psychiatric",
        /// Thoughts of or attempt at suicide.
        Suicidality = "suicidality",
        /// Weak immune system.
        Immunodeficiency = "immunodeficiency",
        /// Spleen removed.
        Splenectomy = "splenectomy",
        /// Drugs against clotting.
        Anticoagulation = "anticoagulation",
        /// Another autoimmune disease.
        OtherAutoimmune = "other_autoimmune",
        /// Abuse of alcohol or drugs.
        SubstanceUse = "substance_use",
        /// Allergy to what a study gives.
        Hypersensitivity = "hypersensitivity",
        /// Transplant of an organ or of cells.
        Transplant = "transplant",
        /// Engineered cells or gene therapy.
        CellOrGeneTherapy = "cell_or_gene_therapy",
        /// An infection that criteria name.
        Infection = "infection",
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let word = String::deserialize(source)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

/// What a clinic calls a patient: 1 to 64 characters, none of control.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientId(String);

impl PatientId {
    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PatientId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Text::from_str(text)
            .ok()
            .filter(|_| text.chars().count() <= 64)
            .map(|text| Self(text.0))
            .ok_or_else(|| refused("id", "1 to 64 characters, for example P-07"))
    }
}

/// One line of words, at most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(String);

impl Text {
    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Text {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let safe = crate::text::safe(text);
        let fits = safe == text && !text.chars().any(char::is_control);
        (fits && text.chars().count() <= 200)
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| {
                refused(
                    "single line of words",
                    "up to 200 characters, none of them invisible",
                )
            })
    }
}

/// A country that a patient lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Residence(pub Country);

impl FromStr for Residence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Country::find(text).map(Self);
        found.ok_or_else(|| refused("country", "English country names and ISO codes"))
    }
}

/// Declares a number within bounds.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $what:literal, $allowed:literal, $fits:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name($inner);

        impl $name {
            /// Returns the number.
            pub fn get(self) -> $inner {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let fits: fn(&$inner) -> bool = $fits;
                let number = text.trim().parse::<$inner>().ok().filter(fits);
                number.map(Self).ok_or_else(|| refused($what, $allowed))
            }
        }
    };
}

number! {
    /// Age in whole years.
    Whole, u32, "age", "whole years from 0 to 120", |age| *age <= 120
}
number! {
    /// A score on the Expanded Disability Status Scale.
    Edss, f64, "EDSS score", "0 to 10 in half steps, for example 4.5",
    |score| (0.0..=10.0).contains(score) && (score * 2.0).fract() == 0.0
}
number! {
    /// How many.
    Count, u32, "count", "whole numbers from 0 to 999", |count| *count <= 999
}
number! {
    /// Per cent.
    Percent, f64, "percentage", "numbers from 1 to 100", |share| (1.0..=100.0).contains(share)
}
number! {
    /// Weight.
    Kilograms, f64, "weight in kilograms", "numbers from 2 to 400", |weight| (2.0..=400.0).contains(weight)
}
