//! The tables as a distributed PostgreSQL would shard them (docs/scale.md): by office, with every
//! unique key, foreign key and join carrying the office, and few small tables the same everywhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::fixture::{Store, TestCentre};

/// Small, and the same on every node: asked for before it is known which office something is of.
const EVERYWHERE: [&str; 24] = [
    "agencies",
    "agency_tokens",
    "audit_log",
    "audit_log_end",
    "card_drafts",
    "centre_identity",
    "day_root_leaves",
    "day_roots",
    "device_numbers",
    "district_figure_stamps",
    "district_figures",
    "districts",
    "enrolment_codes",
    "figures_end",
    "import_previews",
    "letter_numbers",
    "letter_templates",
    "publications",
    "recovery_codes",
    "return_reasons",
    "saved_views",
    "sessions",
    "sign_ins",
    "staff",
];

/// Foreign keys from those tables to sharded ones: to be left out on several nodes.
const LEFT_OUT: [(&str, &str); 2] = [("device_numbers", "offices"), ("enrolment_codes", "offices")];

const TABLES: &str = "SELECT CAST(tables.table_name AS TEXT) AS name, \
     CAST(COALESCE(COUNT(columns.column_name), 0) AS BIGINT) AS office \
     FROM information_schema.tables AS tables \
     LEFT JOIN information_schema.columns AS columns \
     ON columns.table_schema = tables.table_schema AND columns.table_name = tables.table_name \
     AND columns.column_name = 'office' \
     WHERE tables.table_schema = 'public' AND tables.table_type = 'BASE TABLE' \
     GROUP BY tables.table_name ORDER BY tables.table_name";

const UNIQUE_KEYS: &str = "SELECT CAST(tables.relname AS TEXT) AS name, \
     CAST(keys.relname AS TEXT) AS other, \
     CAST(string_agg(CAST(columns.attname AS TEXT), ',') AS TEXT) AS columns FROM pg_index \
     JOIN pg_class AS tables ON tables.oid = pg_index.indrelid \
     JOIN pg_class AS keys ON keys.oid = pg_index.indexrelid \
     JOIN pg_attribute AS columns ON columns.attrelid = tables.oid \
     AND columns.attnum = ANY (pg_index.indkey) \
     WHERE pg_index.indisunique AND tables.relnamespace = CAST('public' AS regnamespace) \
     GROUP BY tables.relname, keys.relname";

const FOREIGN_KEYS: &str = "SELECT CAST(tables.relname AS TEXT) AS name, \
     CAST(others.relname AS TEXT) AS other, \
     CAST(string_agg(CAST(columns.attname AS TEXT), ',') AS TEXT) AS columns FROM pg_constraint \
     JOIN pg_class AS tables ON tables.oid = pg_constraint.conrelid \
     JOIN pg_class AS others ON others.oid = pg_constraint.confrelid \
     JOIN pg_attribute AS columns ON columns.attrelid = tables.oid \
     AND columns.attnum = ANY (pg_constraint.conkey) \
     WHERE pg_constraint.contype = 'f' GROUP BY tables.relname, others.relname";

/// Written by the migrations' runner.
const HISTORY: &str = "refinery_schema_history";

struct Key {
    table: String,
    other: String,
    has_office: bool,
}

async fn keys(centre: &TestCentre, sql: &'static str) -> Vec<Key> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let rows = unit.query(sql, Vec::new()).await.unwrap();
    let key = |row: &pishkhan_server::storage::Row| Key {
        table: row.text("name").unwrap(),
        other: row.text("other").unwrap(),
        has_office: row.text("columns").unwrap().split(',').any(|column| column == "office"),
    };
    rows.iter().map(key).filter(|key| key.table != HISTORY).collect()
}

/// The tables that are sharded.
async fn sharded(centre: &TestCentre) -> BTreeSet<String> {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let rows = unit.query(TABLES, Vec::new()).await.unwrap();
    let everywhere = EVERYWHERE.map(str::to_owned).into_iter().collect::<BTreeSet<_>>();
    let mut sharded = BTreeSet::new();
    for row in rows {
        let (table, office) = (row.text("name").unwrap(), row.int("office").unwrap());
        if table == HISTORY || everywhere.contains(&table) {
            continue;
        }
        assert_eq!(office, 1, "{table} has no office: shard it, or keep it everywhere");
        sharded.insert(table);
    }
    sharded
}

#[tokio::test]
async fn every_key_of_a_sharded_table_has_the_office() {
    let centre = TestCentre::start(Store::Postgres).await;
    let sharded = sharded(&centre).await;
    assert!(sharded.contains("events") && sharded.contains("applications"));
    let unique = keys(&centre, UNIQUE_KEYS).await;
    assert!(unique.len() > sharded.len());
    for Key { table, other, has_office } in unique {
        assert!(has_office || !sharded.contains(&table), "{other} of {table} has no office");
    }
    for Key { table, other, has_office } in keys(&centre, FOREIGN_KEYS).await {
        if !sharded.contains(&other) || LEFT_OUT.contains(&(table.as_str(), other.as_str())) {
            continue;
        }
        assert!(sharded.contains(&table), "{table} refers to {other}, which is sharded");
        assert!(has_office, "{table} refers to {other} without the office");
    }
}

#[tokio::test]
async fn every_join_of_two_sharded_tables_is_by_office() {
    let centre = TestCentre::start(Store::Postgres).await;
    let sharded = sharded(&centre).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut joins = 0;
    for (file, text) in sources(&folder) {
        for (from, on) in joins_of(&text) {
            joins += 1;
            let by_office = on.contains("office = ");
            assert!(by_office || !sharded.contains(&from), "{file}: {from} is joined by {on}");
        }
    }
    assert!(joins > 4, "no joins were found");
}

/// Files of Rust and SQL below a folder.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs" || it == "sql") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// Each table that a text joins, and by what.
fn joins_of(text: &str) -> Vec<(String, String)> {
    let text = text.replace("\\\n", " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut joins = Vec::new();
    for (place, _) in words.iter().enumerate().filter(|(_, word)| **word == "JOIN") {
        let ends = |word: &&&str| !["WHERE", "JOIN", "LEFT", "ORDER", "GROUP"].contains(*word);
        let rest: Vec<&str> =
            words[place + 1..].iter().take(40).take_while(ends).copied().collect();
        if let Some(table) = rest.first() {
            joins.push(((*table).to_owned(), rest[1..].join(" ")));
        }
    }
    joins
}

#[test]
fn a_join_is_found_with_its_condition() {
    let text = "FROM devices LEFT JOIN acts ON acts.office = \\\n devices.office WHERE x";
    let joins = joins_of(text);
    assert_eq!(joins, [("acts".to_owned(), "ON acts.office = devices.office".to_owned())]);
}
