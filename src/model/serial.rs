//! The serde form of a record, driven by its shape: absent facts are left out, times and dates are ISO texts.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserializer, Serialize, Serializer};

use super::shape::{Kind, Record};
use super::{Fact, Misfit, PartialDate, Time, Value};

/// Gives a fact its serde form.
macro_rules! through_shape {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::model::serial::write(self, serializer)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::model::serial::read(deserializer)
            }
        }
    };
}
pub(crate) use through_shape;

/// Writes a fact in its serde form.
pub(crate) fn write<T: Fact, S: Serializer>(fact: &T, serializer: S) -> Result<S::Ok, S::Error> {
    Shaped {
        kind: T::KIND,
        value: &fact.value(),
    }
    .serialize(serializer)
}

/// Reads a fact from its serde form; names a misfit's path, never its value.
pub(crate) fn read<'de, T: Fact, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let value = Shape(T::KIND).deserialize(deserializer)?;
    let mut misfits: Vec<Misfit> = Vec::new();
    let fact = T::from_value(value, &mut misfits);
    match (fact, misfits.into_iter().next()) {
        (Some(fact), None) => Ok(fact),
        (_, Some(misfit)) => Err(de::Error::custom(misfit)),
        (None, None) => Err(de::Error::custom("not a fact")),
    }
}

/// A value together with its kind, which names its fields.
pub(crate) struct Shaped<'a> {
    pub(crate) kind: Kind,
    pub(crate) value: &'a Value<'a>,
}

impl Serialize for Shaped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.value, self.kind) {
            (Value::Text(text), _) => serializer.serialize_str(text),
            (Value::Int(number), _) => serializer.serialize_i64(*number),
            (Value::Bool(yes), _) => serializer.serialize_bool(*yes),
            (Value::Time(time), _) => serializer.collect_str(time),
            (Value::Date(date), _) => serializer.collect_str(date),
            (Value::Record(values), Kind::Record(record)) => record_map(record, values, serializer),
            (Value::List(items), Kind::List(kind)) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for value in items {
                    list.serialize_element(&Shaped { kind: *kind, value })?;
                }
                list.end()
            }
            (Value::Absent | Value::Record(_) | Value::List(_), _) => serializer.serialize_none(),
        }
    }
}

fn record_map<S: Serializer>(
    record: &Record,
    values: &[Value<'_>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (field, value) in record.fields.iter().zip(values) {
        if !value.is_absent() {
            map.serialize_entry(
                field.name,
                &Shaped {
                    kind: field.kind,
                    value,
                },
            )?;
        }
    }
    map.end()
}

/// Reads a value of a kind.
#[derive(Clone, Copy)]
struct Shape(Kind);

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = Value<'static>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'static>, D::Error> {
        match self.0 {
            Kind::Text | Kind::Code(_) | Kind::Time | Kind::Date => deserializer.deserialize_str(self),
            Kind::Int => deserializer.deserialize_i64(self),
            Kind::Bool => deserializer.deserialize_bool(self),
            Kind::Record(_) => deserializer.deserialize_map(self),
            Kind::List(_) => deserializer.deserialize_seq(self),
        }
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = Value<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.word())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value<'static>, E> {
        match self.0 {
            Kind::Time => text.parse::<Time>().map(Value::Time).map_err(E::custom),
            Kind::Date => text.parse::<PartialDate>().map(Value::Date).map_err(E::custom),
            Kind::Text | Kind::Code(_) => Ok(Value::Text(Cow::Owned(text.to_owned()))),
            Kind::Int | Kind::Bool | Kind::Record(_) | Kind::List(_) => {
                Err(E::invalid_type(de::Unexpected::Other("text"), &self))
            }
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value<'static>, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value<'static>, E> {
        i64::try_from(number).map(Value::Int).map_err(E::custom)
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Value<'static>, E> {
        Ok(Value::Bool(yes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'static>, A::Error> {
        let Kind::List(item) = self.0 else {
            return Err(de::Error::custom("a list where none is due"));
        };
        let mut items = Vec::new();
        while let Some(value) = seq.next_element_seed(Shape(*item))? {
            items.push(value);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'static>, A::Error> {
        let Kind::Record(record) = self.0 else {
            return Err(de::Error::custom("a record where none is due"));
        };
        let mut values = vec![Value::Absent; record.fields.len()];
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let Some((index, field)) = record.field(&name) else {
                return Err(de::Error::custom(format_args!(
                    "a {} has no fact `{name}`",
                    record.name
                )));
            };
            values[index] = map.next_value_seed(Shape(field.kind))?;
        }
        Ok(Value::Record(values))
    }
}

/// What stands at a path, in the serde form; none when nothing does.
#[must_use]
pub fn shown(path: &super::Path, value: &Value<'_>) -> Option<serde_json::Value> {
    let found = path.find(value).filter(|found| !found.is_absent())?;
    let shaped = Shaped {
        kind: path.kind(),
        value: found,
    };
    serde_json::to_value(shaped).ok()
}

/// The value of a kind that a JSON text in serde form says.
#[cfg(test)]
pub(crate) fn from_json(kind: Kind, text: &str) -> Result<Value<'static>, serde_json::Error> {
    Shape(kind).deserialize(&mut serde_json::Deserializer::from_str(text))
}
