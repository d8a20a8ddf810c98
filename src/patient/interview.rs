//! The questions that make a profile. Every answer is optional, and is read by
//! the parser that reads files.

use serde_json::{Map, Value, json};

use super::{Profile, faults};
use crate::terminology::Treatments;
use crate::text::{nearest, one_line};

/// A question of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The field of a profile that the answer fills.
    pub field: &'static str,
    /// `one` value, `pairs` of name and value, `conditions`, `list` or `treatments`.
    pub form: &'static str,
    /// The question.
    pub ask: &'static str,
    /// Why it is asked.
    pub why: &'static str,
    /// What can be answered.
    pub allowed: &'static str,
}

/// Returns every question, in the order in which they are asked.
pub fn questions() -> Vec<Question> {
    let rows = include_str!("../data/questions-profile.tsv").lines();
    let rows = rows.filter(|row| !row.starts_with('#')).skip(1);
    let questions = rows.filter_map(|row| {
        let cells: Vec<&'static str> = row.split('\t').collect();
        let [field, form, ask, why, allowed] = cells.try_into().ok()?;
        Some(Question {
            field,
            form,
            ask,
            why,
            allowed,
        })
    });
    questions.collect()
}

/// What is asked next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Which question it is, from 1, and of how many; what hangs on a question counts with it.
    pub number: (usize, usize),
    /// The question.
    pub ask: String,
    /// Why it is asked; empty where the question before said it.
    pub why: &'static str,
    /// What can be answered.
    pub allowed: &'static str,
}

/// What is asked of a treatment, behind its name: field, question, what is allowed.
const OF_TREATMENT: [(&str, &str, &str); 4] = [
    ("started", "when was the first dose?", DATE),
    (
        "stopped",
        "when was the last dose?",
        "ongoing, or YYYY, YYYY-MM or YYYY-MM-DD",
    ),
    ("last_dose", "when was the last dose so far?", DATE),
    (
        "reason",
        "why was it stopped?",
        "failure (MS went on), intolerance, safety, other",
    ),
];

/// What is allowed where the answer is a plain one.
const YES_NO: &str = "yes, no";

const DATE: &str = "YYYY, YYYY-MM or YYYY-MM-DD";

/// The questions, as far as they were answered.
#[derive(Debug)]
pub struct Interview<'a> {
    questions: Vec<Question>,
    treatments: &'a Treatments,
    at: usize,
    answers: Map<String, Value>,
    /// The treatment that is asked for, and the place in [`OF_TREATMENT`].
    open: Option<(Map<String, Value>, usize)>,
    /// A drug that the table lacks, as it was written.
    doubtful: Option<String>,
}

impl<'a> Interview<'a> {
    /// Begins with the first question.
    pub fn new(treatments: &'a Treatments) -> Self {
        Self {
            questions: questions(),
            treatments,
            at: 0,
            answers: Map::new(),
            open: None,
            doubtful: None,
        }
    }

    /// Returns what is asked next; `None` behind the last question.
    pub fn next(&self) -> Option<Prompt> {
        let question = self.questions.get(self.at)?;
        let number = (self.at + 1, self.questions.len());
        if let Some((therapy, step)) = &self.open {
            let (_, ask, allowed) = OF_TREATMENT.get(*step)?;
            let drug = therapy
                .get("drug")
                .and_then(Value::as_str)
                .unwrap_or_default();
            return Some(Prompt {
                number,
                ask: format!("{drug}: {ask}"),
                why: "",
                allowed,
            });
        }
        let again = self.answers.contains_key(question.field);
        Some(Prompt {
            number,
            ask: if again {
                "And another? Enter goes on.".to_owned()
            } else {
                question.ask.to_owned()
            },
            why: if again { "" } else { question.why },
            allowed: question.allowed,
        })
    }

    /// Takes an answer; an empty one leaves the fact unknown.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what is allowed. The question stands as before.
    pub fn answer(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        let Some(question) = self.questions.get(self.at).copied() else {
            return Ok(());
        };
        if self.open.is_some() {
            return self.of_treatment(line);
        }
        if line.is_empty() {
            self.go_on();
            return Ok(());
        }
        match question.form {
            "treatments" => return self.drug(line),
            "pairs" => self.pairs(question.field, line)?,
            "conditions" => {
                let items = items(line).map(|item| {
                    let (kind, since) = pair(item);
                    json!({"kind": kind, "since": since})
                });
                self.extend(question.field, items.collect())?;
            }
            "list" => self.extend(
                question.field,
                items(line).map(|item| json!(item)).collect(),
            )?,
            _ => {
                let word = if question.allowed == YES_NO {
                    truth(line)
                } else {
                    line
                };
                self.answers = self.with(question.field, json!(word))?;
                self.go_on();
            }
        }
        Ok(())
    }

    /// Returns what was answered.
    pub fn finish(mut self) -> Profile {
        let complete = self
            .answers
            .get("treatments_complete")
            .and_then(Value::as_str);
        let complete = complete.is_some_and(|word| word.eq_ignore_ascii_case("true"));
        if complete && !self.answers.contains_key("treatments") {
            // "These are all", and there are none.
            self.answers.insert("treatments".into(), json!([]));
        }
        // Every answer was read before it was kept.
        faults::read(Value::Object(self.answers)).unwrap_or_default()
    }

    fn go_on(&mut self) {
        self.at += 1;
        let male = self.answers.get("sex").and_then(Value::as_str);
        let male = male.is_some_and(|word| word.trim().eq_ignore_ascii_case("male"));
        while male
            && self
                .questions
                .get(self.at)
                .is_some_and(|one| ["pregnant", "breastfeeding"].contains(&one.field))
        {
            self.at += 1;
        }
    }

    /// The answers with one more, if they can be read.
    fn with(&self, field: &str, value: Value) -> Result<Map<String, Value>, String> {
        let alone: Map<String, Value> = [(field.to_owned(), value.clone())].into_iter().collect();
        faults::read(Value::Object(alone)).map_err(|faults| {
            let said = faults
                .iter()
                .map(|fault| one_line(&fault.said.replace("\n  ", "; ")));
            said.collect::<Vec<_>>().join("; ")
        })?;
        let mut answers = self.answers.clone();
        answers.insert(field.to_owned(), value);
        Ok(answers)
    }

    fn pairs(&mut self, field: &str, line: &str) -> Result<(), String> {
        let mut all = match self.answers.get(field) {
            Some(Value::Object(all)) => all.clone(),
            _ => Map::new(),
        };
        for (name, value) in items(line).map(pair) {
            if value.is_empty() {
                return Err(format!("`{}` stands without a result", one_line(name)));
            }
            all.insert(name.to_lowercase(), json!(value));
        }
        self.answers = self.with(field, Value::Object(all))?;
        Ok(())
    }

    fn extend(&mut self, field: &str, more: Vec<Value>) -> Result<(), String> {
        let mut all = match self.answers.get(field) {
            Some(Value::Array(all)) => all.clone(),
            _ => Vec::new(),
        };
        all.extend(more);
        self.answers = self.with(field, Value::Array(all))?;
        Ok(())
    }

    /// Takes the name of a drug. One that the table lacks must be written twice.
    fn drug(&mut self, line: &str) -> Result<(), String> {
        let therapy: Map<String, Value> = [("drug".to_owned(), json!(line))].into_iter().collect();
        self.with("treatments", json!([therapy.clone()]))?;
        let known = self.treatments.named(line).is_some();
        if !known && self.doubtful.as_deref() != Some(line) {
            let names = self.treatments.list().iter().map(|one| one.name.as_str());
            let near = nearest(line, names)
                .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            self.doubtful = Some(line.to_owned());
            return Err(format!(
                "`{}` is not known here{near} Write it again to keep it as it is: it then counts as unknown",
                one_line(line)
            ));
        }
        self.doubtful = None;
        self.open = Some((therapy, 0));
        Ok(())
    }

    /// Takes what is asked of a treatment, and keeps it behind the last question.
    fn of_treatment(&mut self, line: &str) -> Result<(), String> {
        let Some((mut therapy, step)) = self.open.clone() else {
            return Ok(());
        };
        if let Some((field, ..)) = OF_TREATMENT.get(step).filter(|_| !line.is_empty()) {
            therapy.insert((*field).to_owned(), json!(line));
            self.with("treatments", json!([therapy.clone()]))?;
        }
        let stopped = therapy.get("stopped").and_then(Value::as_str);
        let ongoing = stopped.map(|word| word.trim().eq_ignore_ascii_case("ongoing"));
        // What goes on has no reason to end; what ended has told its last dose.
        let next = match (step, ongoing) {
            (0, _) => Some(1),
            (1, Some(true)) => Some(2),
            (1, _) => Some(3),
            _ => None,
        };
        if let Some(next) = next {
            self.open = Some((therapy, next));
            return Ok(());
        }
        self.open = None;
        self.extend("treatments", vec![Value::Object(therapy)])
    }
}

/// People say yes and no; a profile says true and false.
fn truth(line: &str) -> &str {
    match line.to_lowercase().as_str() {
        "yes" | "y" => "true",
        "no" | "n" => "false",
        _ => line,
    }
}

fn items(line: &str) -> impl Iterator<Item = &str> {
    line.split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// `igg 8.2 g/L`, `igg: 8.2 g/L` or `igg = 8.2 g/L`.
fn pair(item: &str) -> (&str, &str) {
    let end = item.find([':', '=', ' ']).unwrap_or(item.len());
    let (name, value) = item.split_at(end);
    let value = value.trim_start_matches([':', '=', ' ']);
    (name.trim(), value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{FIELDS, from_toml, to_toml};
    use crate::terminology::Terminology;

    #[test]
    fn every_field_is_asked_once() {
        let terms = Terminology::embedded().unwrap();
        let interview = Interview::new(terms.treatments());
        let mut asked: Vec<&str> = interview.questions.iter().map(|one| one.field).collect();
        let mut fields = FIELDS[1..].to_vec();
        asked.sort_unstable();
        fields.sort_unstable();
        assert_eq!(asked, fields);
    }

    #[test]
    fn enter_leaves_everything_unknown() {
        let terms = Terminology::embedded().unwrap();
        let mut interview = Interview::new(terms.treatments());
        let mut count = 0;
        while interview.next().is_some() {
            interview.answer("").unwrap();
            count += 1;
        }
        assert_eq!(count, FIELDS.len() - 1);
        assert_eq!(interview.finish(), Profile::default());
    }

    /// Answers by a word of the question.
    #[test]
    fn answers_become_the_same_profile_as_a_file() {
        let terms = Terminology::embedded().unwrap();
        let mut interview = Interview::new(terms.treatments());
        let mut script: Vec<(&str, &str)> = vec![
            ("What do you call", "P-07"),
            ("EDSS score?", "4.7"),
            ("EDSS score?", "4.5"),
            ("Which treatment", "ocrelizumap"),
            ("Which treatment", "Ocrevus"),
            ("first dose", "2022-01"),
            ("last dose?", "ongoing"),
            ("so far", "2026-05-31"),
            ("And another", "natalizumab"),
            ("natalizumab: when was the last dose?", "2021"),
            ("why was it stopped", "failure"),
            ("Which blood values", "igg 8.2 g/L; anc: 3200 /uL"),
            ("And another", "alt = 30 U/L"),
            ("Which of these does", "seizure 2015-04; stroke"),
            ("certainly never", "malignancy; pml"),
            ("Can an MRI", "Yes"),
            ("lumbar puncture", "no"),
        ];
        let mut wrong = 0;
        while let Some(prompt) = interview.next() {
            let fits = script
                .first()
                .is_some_and(|(ask, _)| prompt.ask.contains(ask));
            let line = if fits { script.remove(0).1 } else { "" };
            wrong += usize::from(interview.answer(line).is_err());
        }
        assert!(script.is_empty(), "not asked: {script:?}");
        assert_eq!(wrong, 2);
        let profile = interview.finish();
        let file = "id = \"P-07\"\nedss = 4.5\nlabs.igg = \"8.2 g/L\"\nlabs.anc = \"3200 /uL\"\nlabs.alt = \"30 U/L\"\nmri_possible = true\nlumbar_puncture_possible = false\nabsent = [\"malignancy\", \"pml\"]\n[[treatments]]\ndrug = \"Ocrevus\"\nstarted = \"2022-01\"\nstopped = \"ongoing\"\nlast_dose = 2026-05-31\n[[treatments]]\ndrug = \"natalizumab\"\nstopped = \"2021\"\nreason = \"failure\"\n[[conditions]]\nkind = \"seizure\"\nsince = \"2015-04\"\n[[conditions]]\nkind = \"stroke\"\n";
        assert_eq!(profile, from_toml("p", file).unwrap());
        let mut again = from_toml("p", &to_toml(&profile)).unwrap();
        again.schema = None;
        assert_eq!(again, profile);
    }

    #[test]
    fn men_are_not_asked_for_a_pregnancy() {
        let terms = Terminology::embedded().unwrap();
        let mut interview = Interview::new(terms.treatments());
        while let Some(prompt) = interview.next() {
            assert!(!prompt.ask.contains("pregnant"), "{}", prompt.ask);
            let line = if prompt.ask.contains("patient's sex") {
                "male"
            } else {
                ""
            };
            interview.answer(line).unwrap();
        }
    }
}
