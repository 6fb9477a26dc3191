//! The table "Who may use whom" of docs/ARCHITECTURE.md.

use crate::sources;

/// One row.
pub struct Module {
    pub name: String,
    /// Folder or file (without `.rs`) of its sources.
    pub sources: String,
    /// `name` or `name::part`.
    may_use: Vec<Vec<String>>,
    /// Foreign crates it must not name.
    must_not: Vec<String>,
}

impl Module {
    /// Whether the row lets a path stand in the module's sources. Paths into neither another module nor a named crate are free.
    pub fn permits(&self, table: &[Module], path: &[String]) -> Result<(), String> {
        let first = path.first().map(String::as_str).unwrap_or_default();
        if self.must_not.iter().any(|name| name == first) {
            return Err(format!("names a crate that {} must not name", self.name));
        }
        let Some(target) = self.target(table, path) else { return Ok(()) };
        if target[0] == self.name || self.may_use.iter().any(|allowed| target.starts_with(allowed)) {
            return Ok(());
        }
        Err(format!("is not among what {} may use", self.name))
    }

    /// The path with its module of the table first: `crate::log::view` in the broker is `log::view`.
    fn target(&self, table: &[Module], path: &[String]) -> Option<Vec<String>> {
        let own_crate = self.sources.split('/').next()?;
        let crate_folder = match path.first()?.as_str() {
            "crate" => own_crate,
            "thalweg_proto" => "proto",
            "thalweg_config" => "config",
            "thalweg_broker" => "broker",
            "thalweg_client" => "client",
            _ => return None,
        };
        let inside = |module: &&Module| module.sources.starts_with(&format!("{crate_folder}/"));
        let modules: Vec<&Module> = table.iter().filter(inside).collect();
        let rest = &path[1..];
        match modules.as_slice() {
            [whole] if whole.sources == format!("{crate_folder}/src") => {
                Some(std::iter::once(whole.name.clone()).chain(rest.iter().cloned()).collect())
            }
            several => {
                let next = rest.first()?;
                several.iter().any(|m| m.name == *next).then(|| rest.to_vec())
            }
        }
    }
}

/// The rows of the table.
pub fn read() -> Vec<Module> {
    let text = sources::read("docs/ARCHITECTURE.md");
    let rows = text.lines().skip_while(|line| !line.starts_with("| module | sources | may use |")).skip(2);
    let list = |cell: &str| {
        cell.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect::<Vec<_>>()
    };
    let table: Vec<Module> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 4, "four columns: {line}");
            let may_use =
                list(cells[2]).iter().map(|entry| entry.split("::").map(str::to_owned).collect()).collect();
            Module {
                name: cells[0].to_owned(),
                sources: cells[1].to_owned(),
                may_use,
                must_not: list(cells[3]),
            }
        })
        .collect();
    assert!(table.len() >= 8, "the dependency table is gone from docs/ARCHITECTURE.md");
    table
}

/// The row that a source file belongs to.
pub fn owner<'a>(table: &'a [Module], path: &str) -> Option<&'a Module> {
    table.iter().find(|m| path.starts_with(&format!("{}/", m.sources)) || path == format!("{}.rs", m.sources))
}
