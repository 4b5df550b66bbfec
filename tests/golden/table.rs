//! The table of hashes, and when it may change.

use std::fmt::{self, Display};

/// The result for an input at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) sha256: String,
    pub(crate) size: usize,
    pub(crate) level: String,
    pub(crate) input: String,
}

/// The hashes, with the format and compressor that they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) format: u32,
    pub(crate) compressor: String,
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// Reads `FORMAT 1, libdeflate 1.26.1`, and a row in each following line.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (format, compressor) = lines.next()?.strip_prefix("FORMAT ")?.split_once(", ")?;
        let row = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some(Row {
                sha256: words.next()?,
                size: words.next()?.parse().ok()?,
                level: words.next()?,
                input: words.next()?,
            })
        };
        Some(Self {
            format: format.parse().ok()?,
            compressor: compressor.to_owned(),
            rows: lines.map(row).collect::<Option<_>>()?,
        })
    }

    fn find(&self, row: &Row) -> Option<&Row> {
        let is_it = |other: &&Row| (&other.level, &other.input) == (&row.level, &row.input);
        self.rows.iter().find(is_it)
    }

    /// The rows that differ in another table, as both have them.
    pub(crate) fn changes(&self, now: &Self) -> Vec<String> {
        let changed = |row: &&Row| now.find(row) != Some(row);
        let describe = |row: &Row| {
            let is = now.find(row);
            let is = is.map_or("is no longer made".to_owned(), |is| format!("is  {is}"));
            format!("was {row}\n{is}\n")
        };
        self.rows.iter().filter(changed).map(describe).collect()
    }

    /// The rows that are missing in this table.
    pub(crate) fn additions(&self, now: &Self) -> Vec<String> {
        let added = |row: &&Row| self.find(row).is_none();
        let describe = |row: &Row| format!("new {row}\n");
        now.rows.iter().filter(added).map(describe).collect()
    }

    /// Returns whether another table may replace this one: users' zips stay the same as long as
    /// `FORMAT` does.
    ///
    /// # Errors The step that must come first.
    pub(crate) fn may_become(&self, now: &Self) -> Result<(), &'static str> {
        match now.format.cmp(&self.format) {
            std::cmp::Ordering::Greater => Ok(()),
            std::cmp::Ordering::Less => Err("FORMAT never goes down"),
            std::cmp::Ordering::Equal if self.changes(now).is_empty() => Ok(()),
            std::cmp::Ordering::Equal => {
                Err("raise package::deflate::FORMAT first: rows of this FORMAT stay as they are")
            }
        }
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sha256, size, level, input) = (&self.sha256, self.size, &self.level, &self.input);
        write!(f, "{sha256} {size:>9} {level:<8}{input}")
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "FORMAT {}, {}", self.format, self.compressor)?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

fn table() -> Table {
    Table::parse("FORMAT 4, shrinker 1\nab 12 fast a\nef 9 best a\n").unwrap()
}

#[test]
fn a_written_table_is_read_again() {
    assert_eq!(Table::parse(&table().to_string()), Some(table()));
    for torn in ["", "FORMAT 4\n", "FORMAT 4, shrinker 1\nab 12 fast\n"] {
        assert_eq!(Table::parse(torn), None, "{torn}");
    }
}

#[test]
fn a_changed_hash_needs_a_higher_format() {
    let mut now = table();
    now.rows[1].sha256 = "cd".to_owned();
    assert!(table().may_become(&now).is_err());
    assert_eq!(table().changes(&now).len(), 1);
    now.format = 3;
    assert!(table().may_become(&now).is_err());
    now.format = 5;
    assert!(table().may_become(&now).is_ok());
}

#[test]
fn inputs_can_be_added_but_not_removed_under_the_same_format() {
    let mut now = table();
    let mut added = now.rows[0].clone();
    added.input = "b".to_owned();
    now.rows.push(added);
    assert_eq!(table().additions(&now).len(), 1);
    assert!(table().may_become(&now).is_ok());
    assert!(now.may_become(&table()).is_err());
}

#[test]
fn another_compressor_with_the_same_bytes_keeps_the_format() {
    let mut now = table();
    now.compressor = "shrinker 2".to_owned();
    assert!(table().may_become(&now).is_ok());
}
