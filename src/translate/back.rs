//! What comes back: what a database holds, what a callback says, and the dossier as its own system would write it.

use super::{Local, Translator, Unreadable, Untranslatable, Written, day};
use crate::mapping::Refused;
use crate::model::{Dossier, Fact, Held, News, Order, Time};

impl Translator {
    /// Reads what a national database answered, in its wire's normal form.
    pub fn held(&self, mapping: &str, found: &[u8], at: i64) -> Result<Held, Unreadable> {
        self.fact(mapping, found, at)
    }

    /// Reads what a callback says of a dossier, in its wire's normal form.
    pub fn news(&self, mapping: &str, said: &[u8], at: i64) -> Result<News, Unreadable> {
        self.fact(mapping, said, at)
    }

    fn fact<T: Fact>(&self, mapping: &str, bytes: &[u8], at: i64) -> Result<T, Unreadable> {
        let plan = self
            .plan(mapping)
            .ok_or_else(|| Unreadable::Mapping(mapping.to_owned()))?;
        let at = Time::at(at.div_euclid(1_000));
        let read = plan.read_as::<T>(bytes, &self.context("", at));
        let read = read.map_err(|refused| match refused {
            Refused::Unreadable(misread) => Unreadable::Bytes(misread),
            Refused::Faults(faults) => Unreadable::Facts(faults),
        });
        Ok(read?.fact)
    }

    /// What a payment platform is asked.
    pub fn order(&self, mapping: &str, order: &Order) -> Result<Written, Untranslatable> {
        let plan = self
            .plan(mapping)
            .ok_or_else(|| Untranslatable::Mapping(mapping.to_owned()))?;
        let mut payload = Vec::with_capacity(2_048);
        let notes = plan
            .write_as((order, None), &self.context("", order.at), &mut payload)
            .map_err(Untranslatable::Facts)?;
        Ok(Written {
            payload,
            mapping: plan.stamp(),
            notes,
        })
    }

    /// A dossier as its system itself would write it.
    pub fn local(&self, to: Local<'_>, dossier: &Dossier) -> Result<Written, Untranslatable> {
        let plan = self
            .plan(to.mapping)
            .ok_or_else(|| Untranslatable::Mapping(to.mapping.to_owned()))?;
        let context = self.context(to.site, day(dossier));
        let mut payload = Vec::with_capacity(4_096);
        let notes = plan
            .write(dossier, &context, &mut payload)
            .map_err(Untranslatable::Facts)?;
        Ok(Written {
            payload,
            mapping: plan.stamp(),
            notes,
        })
    }
}
