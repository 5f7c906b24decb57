use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::mistake::{Mistake, Place, Source};

/// One value of the settings, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) at: Place,
}

/// What a setting may be.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Node>),
    Table(Table),
    /// Something TOML has and no setting is.
    Other,
}

/// Settings by their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(pub(super) BTreeMap<String, Row>);

/// One named setting.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where its name stands.
    pub(super) key: Place,
    pub(super) node: Node,
}

impl Table {
    /// Reads a text; what cannot be read is left out and named.
    pub(super) fn parse(name: &str, text: &str, mistakes: &mut Vec<Mistake>) -> Self {
        let source = Arc::new(Source {
            name: name.to_owned(),
            text: text.to_owned(),
        });
        let (table, errors) = DeTable::parse_recoverable(text);
        mistakes.extend(errors.iter().map(|error| {
            let start = error.span().map_or(0, |span| span.start);
            Place {
                source: Arc::clone(&source),
                span: start..start,
            }
            .mistake(error.message())
        }));
        Self::from_toml(table.get_ref(), &source)
    }

    /// Lays another table over this one: tables are joined, everything else is replaced.
    pub(super) fn overlay(&mut self, over: Self) {
        for (name, row) in over.0 {
            match (
                self.0.get_mut(&name).map(|row| &mut row.node.value),
                row.node.value,
            ) {
                (Some(Value::Table(under)), Value::Table(over)) => under.overlay(over),
                (_, value) => {
                    let node = Node {
                        value,
                        at: row.node.at,
                    };
                    self.0.insert(name, Row { key: row.key, node });
                }
            }
        }
    }

    /// Sets what a variable says. A step of its path meets the name it means whatever the case, `-` being `_` there.
    pub(super) fn set(&mut self, path: &[&str], variable: &str, word: String) {
        let source = Arc::new(Source {
            name: variable.to_owned(),
            text: String::new(),
        });
        self.descend(
            path,
            &Node {
                value: Value::Text(word),
                at: Place::start(&source),
            },
        );
    }

    fn descend(&mut self, path: &[&str], node: &Node) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let meant = self
            .0
            .keys()
            .find(|name| name.replace('-', "_").eq_ignore_ascii_case(first))
            .cloned();
        let name = meant.unwrap_or_else(|| first.to_ascii_lowercase());
        if rest.is_empty() {
            let value = self.0.get(&name).and_then(|row| node.like(&row.node.value));
            let node = value.map_or_else(
                || node.clone(),
                |value| Node {
                    value,
                    at: node.at.clone(),
                },
            );
            self.0.insert(
                name,
                Row {
                    key: node.at.clone(),
                    node,
                },
            );
            return;
        }
        let empty = || Node {
            value: Value::Table(Self::default()),
            at: node.at.clone(),
        };
        let row = self.0.entry(name).or_insert_with(|| Row {
            key: node.at.clone(),
            node: empty(),
        });
        if let Value::Table(table) = &mut row.node.value {
            table.descend(rest, node);
        } else {
            row.node = node.clone();
        }
    }

    /// The table of that name, if there is one.
    pub(super) fn table(&self, name: &str) -> Option<&Self> {
        self.0.get(name).and_then(|row| row.node.table())
    }

    /// The text of that name, if there is one.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        let value = &self.0.get(name)?.node.value;
        if let Value::Text(text) = value {
            Some(text)
        } else {
            None
        }
    }

    /// As TOML again, for those who read it with serde; without values that no setting is.
    pub(super) fn to_toml(&self) -> toml::Table {
        self.0
            .iter()
            .filter_map(|(name, row)| Some((name.clone(), row.node.to_toml()?)))
            .collect()
    }

    fn from_toml(table: &DeTable<'_>, source: &Arc<Source>) -> Self {
        let rows = table.iter().map(|(key, value)| {
            let node = Node::from_toml(
                value.get_ref(),
                Place {
                    source: Arc::clone(source),
                    span: value.span(),
                },
            );
            let key_place = Place {
                source: Arc::clone(source),
                span: key.span(),
            };
            (key.get_ref().to_string(), Row { key: key_place, node })
        });
        Self(rows.collect())
    }
}

impl Node {
    /// The table it is, if it is one.
    pub(super) fn table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value {
            Some(table)
        } else {
            None
        }
    }

    /// A text of a variable as the kind of value it stands in for; `None` when it stays a text.
    fn like(&self, before: &Value) -> Option<Value> {
        let Value::Text(text) = &self.value else {
            return None;
        };
        match before {
            Value::Integer(_) => text.parse().ok().map(Value::Integer),
            Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
            Value::List(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                let item = |item: &str| Self {
                    value: Value::Text(item.to_owned()),
                    at: self.at.clone(),
                };
                Some(Value::List(items.map(item).collect()))
            }
            Value::Text(_) | Value::Table(_) | Value::Other => None,
        }
    }

    fn from_toml(value: &DeValue<'_>, at: Place) -> Self {
        let value = match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Other, Value::Integer)
            }
            DeValue::Boolean(truth) => Value::Boolean(*truth),
            DeValue::Array(items) => {
                let place = |span| Place {
                    source: Arc::clone(&at.source),
                    span,
                };
                Value::List(
                    items
                        .iter()
                        .map(|each| Self::from_toml(each.get_ref(), place(each.span())))
                        .collect(),
                )
            }
            DeValue::Table(table) => Value::Table(Table::from_toml(table, &at.source)),
            DeValue::Float(_) | DeValue::Datetime(_) => Value::Other,
        };
        Self { value, at }
    }

    fn to_toml(&self) -> Option<toml::Value> {
        Some(match &self.value {
            Value::Text(text) => toml::Value::String(text.clone()),
            Value::Integer(number) => toml::Value::Integer(*number),
            Value::Boolean(truth) => toml::Value::Boolean(*truth),
            Value::List(items) => toml::Value::Array(items.iter().filter_map(Self::to_toml).collect()),
            Value::Table(table) => toml::Value::Table(table.to_toml()),
            Value::Other => return None,
        })
    }
}
