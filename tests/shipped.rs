//! What is shipped fits together: the settings with the adapters they name.

use lienthong::config::Config;

use crate::support;

#[test]
fn the_portals_shipped_framing_lacks_only_what_nobody_can_know() {
    let config = Config::shipped().unwrap();
    let framing: portal::Framing = config.partners["portal"].framing.clone().try_into().unwrap();
    let faults = portal::Portal::new(framing).err().unwrap_or_default();
    assert_eq!(
        faults,
        [
            portal::Unfit::Blank("endpoints.integration"),
            portal::Unfit::Blank("endpoints.share")
        ]
    );
}

#[test]
fn every_adapter_has_a_shipped_partner_that_can_be_built_from_its_profile() {
    for (adapter, _) in lienthong::config::PARTNERS {
        let layer = lienthong::config::Layer {
            name: "operator.toml",
            text: &format!("[partners.{adapter}]\n"),
        };
        let config = Config::layered(&[layer], std::iter::empty()).unwrap();
        let partner = &config.partners[*adapter];
        assert_eq!(partner.adapter, *adapter);
        let Some(profile) = &partner.profile else { continue };
        let path = support::root().join(format!("config/profiles/{adapter}/{profile}.toml"));
        let framing = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let built = lienthong::registry::adapter(adapter, framing).unwrap();
        for (operation, mapping) in &partner.mappings {
            let file = support::root().join(format!("mappings/{mapping}.toml"));
            let text = std::fs::read_to_string(&file)
                .unwrap_or_else(|_| panic!("{adapter}: there is no mapping `{mapping}`"));
            // One that reads an answer goes by its operation; what is pushed goes by what it is about.
            let reads = text.parse::<toml::Table>().unwrap()["ours"].as_str() == Some("held");
            assert!(
                !reads || built.operation(operation).is_some(),
                "{adapter} has no operation `{operation}`"
            );
        }
    }
}

#[test]
fn every_setting_of_a_framing_is_shown_in_the_shipped_file() {
    let shown = std::fs::read_to_string(support::root().join("config/partners/portal.toml")).unwrap();
    // Debug names every field of the adapter's settings, so that a new one cannot be forgotten here.
    let fields = format!("{:#?}", portal::Framing::default());
    for line in fields
        .lines()
        .filter(|line| line.starts_with("    ") && line.contains(": "))
    {
        let name = line.trim().split(':').next().unwrap();
        let key = [
            format!("\n{name} = "),
            format!("\n# {name} = "),
            format!("framing.{name}]"),
        ];
        assert!(
            key.iter().any(|key| shown.contains(key.as_str())),
            "portal.toml does not show `{name}`"
        );
    }
}

/// A field of the settings: the struct it is in, its name, and every word of its type.
struct Field {
    of: String,
    name: String,
    types: String,
}

fn fields() -> Vec<Field> {
    let mut fields = Vec::new();
    for path in support::files("src/config", ".rs")
        .into_iter()
        .chain([support::root().join("src/config.rs")])
    {
        let file = syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap();
        let structs = file.items.into_iter().filter_map(|item| {
            if let syn::Item::Struct(item) = item {
                Some(item)
            } else {
                None
            }
        });
        for item in structs {
            let public = item
                .fields
                .iter()
                .filter(|field| matches!(field.vis, syn::Visibility::Public(_)));
            fields.extend(public.filter_map(|field| {
                let syn::Field { ident, ty, .. } = field;
                let name = ident.as_ref()?.to_string();
                Some(Field {
                    of: item.ident.to_string(),
                    name,
                    types: format!("{:?}", words(ty)),
                })
            }));
        }
    }
    fields
}

/// The last words of all paths in a type.
fn words(ty: &syn::Type) -> Vec<String> {
    struct Words(Vec<String>);
    impl<'ast> syn::visit::Visit<'ast> for Words {
        fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
            self.0.push(segment.ident.to_string());
            syn::visit::visit_path_segment(self, segment);
        }
    }
    let mut words = Words(Vec::new());
    syn::visit::Visit::visit_type(&mut words, ty);
    words.0
}

/// All code outside the settings and outside tests, in one line; a chain of calls is written together.
fn code() -> String {
    let outside = support::files("src", ".rs")
        .into_iter()
        .filter(|path| !path.to_string_lossy().contains("src/config"));
    let texts = outside.map(|path| std::fs::read_to_string(path).unwrap());
    let bodies = texts.map(|text| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
    let words: Vec<String> = bodies
        .flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    words.join(" ").replace(" .", ".")
}

/// A section is held by a variable of its own name, or by the setting whose section it is: `partner.pace.burst`,
/// `config.http.listen`. A setting that no code reads so is a promise that nobody keeps.
#[test]
fn every_setting_is_read_by_somebody() {
    let (fields, code) = (fields(), code());
    assert!(fields.len() > 40);
    let unread = fields.iter().filter(|field| {
        let holds = |other: &&Field| other.types.contains(&format!("{:?}", field.of));
        let mut holders: Vec<String> = fields
            .iter()
            .filter(holds)
            .map(|other| other.name.clone())
            .collect();
        // What no setting holds is no section.
        if holders.is_empty() && field.of != "Config" {
            return false;
        }
        holders.push(field.of.to_lowercase());
        let read = |holder: &String| {
            let read = format!("{holder}.{}", field.name);
            code.match_indices(&read).any(|(at, _)| {
                let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                !word(code[at + read.len()..].chars().next()) && !word(code[..at].chars().next_back())
            })
        };
        !holders.iter().any(read)
    });
    let unread: Vec<String> = unread
        .map(|field| format!("{}::{}", field.of, field.name))
        .collect();
    assert!(unread.is_empty(), "nobody reads {unread:?}");
}
