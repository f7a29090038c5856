//! A place that figures are told of: a district, a county, a province or the country.

use crate::access::Scope;
use crate::storage::districts::District;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// All of it.
    Country,
    /// A province, by its title.
    Province(String),
    /// A county of a province.
    County {
        /// Province's title.
        province: String,
        /// County's title.
        county: String,
    },
    /// A district (village group).
    District(District),
}

impl Place {
    /// What it is called in a title.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Country => "سراسر کشور".to_owned(),
            Self::Province(province) => format!("استان {province}"),
            Self::County { county, .. } => format!("شهرستان {county}"),
            Self::District(district) => format!("دهستان {}", district.title),
        }
    }

    /// Is this district within it?
    #[must_use]
    pub fn has(&self, district: &District) -> bool {
        match self {
            Self::Country => true,
            Self::Province(province) => district.province == *province,
            Self::County { province, county } => {
                district.province == *province && district.county == *county
            }
            Self::District(one) => district.code == one.code,
        }
    }

    /// May whoever has this scope see it?
    #[must_use]
    pub fn is_within(&self, scope: &Scope) -> bool {
        match (scope, self) {
            (Scope::Agency(_), _) => false,
            (Scope::Country, _) => true,
            (Scope::Province(mine), Self::Province(province) | Self::County { province, .. }) => {
                mine == province
            }
            (Scope::Province(mine), Self::District(district)) => *mine == district.province,
            (Scope::County { .. }, Self::County { province, county }) => {
                *scope == Scope::County { province: province.clone(), county: county.clone() }
            }
            (Scope::County { .. }, Self::District(District { province, county, .. })) => {
                *scope == Scope::County { province: province.clone(), county: county.clone() }
            }
            (Scope::Province(_) | Scope::County { .. }, _) => false,
        }
    }

    /// The largest place of a scope; none for an agency's staff.
    #[must_use]
    pub fn of(scope: &Scope) -> Option<Self> {
        match scope {
            Scope::Agency(_) => None,
            Scope::Country => Some(Self::Country),
            Scope::Province(province) => Some(Self::Province(province.clone())),
            Scope::County { province, county } => {
                Some(Self::County { province: province.clone(), county: county.clone() })
            }
        }
    }

    /// The places of the next lower kind within it, by the districts that there are.
    #[must_use]
    pub fn parts(&self, districts: &[District]) -> Vec<Self> {
        let within = districts.iter().filter(|district| self.has(district));
        let mut parts: Vec<Self> = match self {
            Self::Country => within.map(|d| Self::Province(d.province.clone())).collect(),
            Self::Province(_) => within.map(county_of).collect(),
            Self::County { .. } => within.cloned().map(Self::District).collect(),
            Self::District(_) => Vec::new(),
        };
        parts.sort();
        parts.dedup();
        parts
    }

    /// The place that it is a part of.
    #[must_use]
    pub fn whole(&self) -> Option<Self> {
        match self {
            Self::Country => None,
            Self::Province(_) => Some(Self::Country),
            Self::County { province, .. } => Some(Self::Province(province.clone())),
            Self::District(district) => Some(county_of(district)),
        }
    }

    /// The other parts of the same whole: those it is compared with.
    #[must_use]
    pub fn equals(&self, districts: &[District]) -> Vec<Self> {
        let whole = self.whole().map_or_else(Vec::new, |whole| whole.parts(districts));
        whole.into_iter().filter(|place| place != self).collect()
    }
}

fn county_of(district: &District) -> Place {
    Place::County { province: district.province.clone(), county: district.county.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn districts() -> Vec<District> {
        [("a", "x", "p"), ("b", "x", "p"), ("c", "y", "p"), ("d", "x", "q")]
            .map(|(code, county, province)| District {
                code: code.to_owned(),
                title: code.to_owned(),
                county: county.to_owned(),
                province: province.to_owned(),
            })
            .to_vec()
    }

    fn county(province: &str, county: &str) -> Place {
        Place::County { province: province.to_owned(), county: county.to_owned() }
    }

    #[test]
    fn nobody_sees_beyond_the_scope() {
        let all = districts();
        let places = [
            Place::Country,
            Place::Province("p".to_owned()),
            county("p", "x"),
            county("p", "y"),
            // The same name in another province is another county.
            county("q", "x"),
            Place::District(all[0].clone()),
            Place::District(all[2].clone()),
            Place::District(all[3].clone()),
        ];
        let seen = |scope: Scope| places.clone().map(|place| place.is_within(&scope));
        let (no, yes) = (false, true);
        assert_eq!(seen(Scope::Country), [yes; 8]);
        let province = Scope::Province("p".to_owned());
        assert_eq!(seen(province), [no, yes, yes, yes, no, yes, yes, no]);
        let of_county = Scope::County { province: "p".to_owned(), county: "x".to_owned() };
        assert_eq!(seen(of_county), [no, no, yes, no, no, yes, no, no]);
        assert_eq!(seen(Scope::Agency("civil-registration".into())), [no; 8]);
    }

    #[test]
    fn a_place_has_its_parts_its_whole_and_its_equals() {
        let all = districts();
        assert_eq!(county("p", "x").parts(&all).len(), 2);
        assert_eq!(
            Place::Province("p".to_owned()).parts(&all),
            [county("p", "x"), county("p", "y")]
        );
        assert_eq!(county("p", "x").equals(&all), [county("p", "y")]);
        assert_eq!(Place::District(all[0].clone()).equals(&all), [Place::District(all[1].clone())]);
        assert_eq!(Place::Country.equals(&all), []);
        assert_eq!(Place::Country.parts(&all).len(), 2);
    }
}
