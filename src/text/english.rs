//! Whether a text is English: the rules that read it know no other language.

/// Short words that hold sentences together, in English.
const ENGLISH: [&str; 24] = [
    "the", "of", "and", "or", "with", "to", "at", "for", "from", "any", "no", "not", "must",
    "have", "has", "by", "within", "than", "who", "least", "years", "history", "is", "are",
];

/// The same in languages of the continent, without those that are English words too.
const OTHER: [&str; 44] = [
    "der", "die", "und", "oder", "mit", "nicht", "eine", "einer", "seit", "bei", "für", "von",
    "des", "les", "une", "avec", "ou", "pas", "dans", "et", "du", "aux", "el", "los", "las", "y",
    "con", "para", "por", "una", "del", "il", "di", "che", "della", "uma", "com", "een", "van",
    "het", "met", "och", "som", "zonder",
];

/// What criteria are made of in these languages: a list of short forms has no other words.
const OTHER_CRITERIA: [&str; 59] = [
    "einschluss",
    "ausschluss",
    "einschlusskriterien",
    "ausschlusskriterien",
    "jahre",
    "jahren",
    "schwangerschaft",
    "stillzeit",
    "schub",
    "critères",
    "âge",
    "ans",
    "grossesse",
    "allaitement",
    "poussée",
    "vih",
    "vhb",
    "vhc",
    "criterios",
    "inclusión",
    "exclusión",
    "edad",
    "años",
    "embarazo",
    "lactancia",
    "brote",
    "criteri",
    "età",
    "anni",
    "gravidanza",
    "allattamento",
    "critérios",
    "inclusão",
    "exclusão",
    "idade",
    "anos",
    "gravidez",
    "surto",
    "inclusiecriteria",
    "exclusiecriteria",
    "leeftijd",
    "jaar",
    "zwangerschap",
    "wiek",
    "ciąża",
    "lub",
    "bez",
    "yaş",
    "yıl",
    "dahil",
    "içinde",
    "gebelik",
    "veya",
    "ve",
    "år",
    "graviditet",
    "og",
    "ålder",
    "inklusionskriterier",
];

/// Letters outside the Latin script from which a text is foreign, in per cent.
const FOREIGN_LETTERS: usize = 20;

/// Says whether a text may be English. A list of short forms may be; a text in
/// another script, or held together by words of another language, is not.
pub fn seems_english(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let foreign = text
        .chars()
        .filter(|c| c.is_alphabetic() && u32::from(*c) > 0x24F && !is_greek(*c))
        .count();
    if foreign * 100 > letters * FOREIGN_LETTERS {
        return false;
    }
    let (mut english, mut other) = (0_usize, 0_usize);
    for word in text.split(|c: char| !c.is_alphabetic()) {
        let word = word.to_lowercase();
        english += usize::from(ENGLISH.contains(&word.as_str()));
        let is_other = OTHER.contains(&word.as_str()) || OTHER_CRITERIA.contains(&word.as_str());
        other += usize::from(is_other);
    }
    other <= 1 || other <= english
}

/// Greek letters stand in English texts too: β-interferon, µL.
fn is_greek(c: char) -> bool {
    ('\u{370}'..='\u{3FF}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_told_from_others() {
        for text in [
            "Inclusion Criteria: 1. Age 18-60. 2. EDSS 3 to 6. Exclusion: prior β-interferon, HIV",
            "EDSS 3-6, RRMS, SPMS",
            "Signed consent of the patient or la personne de confiance",
            "",
        ] {
            assert!(seems_english(text), "{text}");
        }
        for text in [
            "纳入标准：1. 年龄18-60岁；2. EDSS评分3-6分；3. HIV阴性",
            "Alter von 18 bis 60 Jahren, EDSS 3 bis 6, schubförmige MS und HIV negativ, nicht mit Natalizumab",
            "Patients âgés de 18 à 60 ans, EDSS entre 3 et 6, avec une poussée dans les 12 mois",
            "Edad de 18 a 60 años con EDSS de 3 a 6 y una recaída en los últimos 12 meses",
            "Критерии включения: возраст 18-60, EDSS 3-6",
        ] {
            assert!(!seems_english(text), "{text}");
        }
    }
}
