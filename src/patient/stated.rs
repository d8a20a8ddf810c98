//! Which fields of a profile are stated.

use super::Profile;

impl Profile {
    /// Returns the fields that are not stated, in the contract's order, without `schema` and `id`.
    pub fn not_stated(&self) -> Vec<&'static str> {
        let stated = [
            ("age", self.age.is_some()),
            ("sex", self.sex.is_some()),
            ("country", self.country.is_some()),
            ("near", self.near.is_some()),
            ("ms_course", self.ms_course.is_some()),
            ("diagnosed", self.diagnosed.is_some()),
            ("edss", self.edss.is_some()),
            ("relapses_12_months", self.relapses_12_months.is_some()),
            ("relapses_24_months", self.relapses_24_months.is_some()),
            ("last_relapse", self.last_relapse.is_some()),
            ("last_mri", self.last_mri.is_some()),
            ("gd_lesions_last", self.gd_lesions_last.is_some()),
            ("new_t2_last", self.new_t2_last.is_some()),
            (
                "progression_24_months",
                self.progression_24_months.is_some(),
            ),
            ("treatments", self.treatments.is_some()),
            ("treatments_complete", self.treatments_complete.is_some()),
            ("prior_hsct", self.prior_hsct.is_some()),
            ("prior_cell_therapy", self.prior_cell_therapy.is_some()),
            ("pregnant", self.pregnant.is_some()),
            ("breastfeeding", self.breastfeeding.is_some()),
            ("infections", !self.infections.is_empty()),
            ("antibodies", !self.antibodies.is_empty()),
            ("labs", !self.labs.is_empty()),
            ("lvef", self.lvef.is_some()),
            ("conditions", self.conditions.is_some()),
            ("absent", self.absent.is_some()),
            ("mri_possible", self.mri_possible.is_some()),
            (
                "lumbar_puncture_possible",
                self.lumbar_puncture_possible.is_some(),
            ),
            ("weight_kg", self.weight_kg.is_some()),
        ];
        let empty = stated.into_iter().filter(|(_, is)| !is);
        empty.map(|(field, _)| field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::FIELDS;

    #[test]
    fn an_empty_profile_states_nothing() {
        let fields = Profile::default().not_stated();
        assert_eq!(fields, FIELDS[2..]);
    }
}
