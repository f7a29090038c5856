//! The vault: the data key, wrapped once for each operator under a key made from the PIN.
//!
//! Invariant: `keys.json` is rewritten only when an operator is added, and always whole (temporary
//! file, fsync, rename); counting wrong PINs happens in a file beside it, `attempts.json`.

mod attempts;
mod keys_file;

use std::path::{Path, PathBuf};

use pishkhan_domain::digits::to_latin_digits;
use pishkhan_domain::ids::OperatorId;
use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::files;
use attempts::Attempts;
use keys_file::{KdfCost, KeysFile, Wrap};

/// Name of the file in the data directory.
pub const KEYS_FILE: &str = "keys.json";

const FEWEST_DIGITS: usize = 6;
const MOST_DIGITS: usize = 64;

/// Why the vault did not open or take an operator.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The PIN is wrong; after `tries_left` more of them there is a wait.
    #[error("the PIN is wrong")]
    WrongPin {
        /// Tries before a wait begins; 0 when it has begun.
        tries_left: u32,
    },
    /// Too many wrong PINs: not before this time.
    #[error("too many wrong PINs")]
    Wait {
        /// Milliseconds since 1970.
        until_ms: i64,
    },
    /// A PIN has six digits or more, and nothing else.
    #[error("a PIN has six digits or more")]
    PinTooShort,
    /// An operator has a name.
    #[error("an operator has a name")]
    NameRequired,
    /// There is no such operator.
    #[error("no such operator")]
    UnknownOperator,
    /// The vault has operators already: nothing is ever overwritten.
    #[error("there is a vault already")]
    AlreadyExists,
    /// `keys.json` cannot be read as what it should be: restore it from a backup.
    #[error("keys.json is damaged")]
    Corrupt,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// Anything else.
    #[error("{doing} failed")]
    Other {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// An operator as the lock screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultOperator {
    /// Id.
    pub id: OperatorId,
    /// Name as shown.
    pub name: String,
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::other("the disk", error),
        }
    }
}

impl VaultError {
    fn other(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Other { doing, source: source.into() }
    }
}

/// The vault of a data directory.
#[derive(Debug)]
pub struct Vault {
    dir: PathBuf,
    keys: KeysFile,
    cost: KdfCost,
}

impl Vault {
    /// Reads the vault of `dir`; `None` when there is none, that is before enrolment.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`], [`VaultError::Other`].
    pub fn open(dir: &Path) -> Result<Option<Self>, VaultError> {
        let keys = KeysFile::read(&dir.join(KEYS_FILE))?;
        Ok(keys.map(|keys| Self { dir: dir.to_owned(), keys, cost: KdfCost::PRODUCTION }))
    }

    /// Makes the vault of `dir` with its first operator. Do this LAST at enrolment, after
    /// [`crate::Store::create`]: keys without a database are taken for a lost database.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn create(
        dir: &Path,
        key: &DataKey,
        operator: OperatorId,
        name: &str,
        pin: &str,
    ) -> Result<Self, VaultError> {
        Self::create_with(KdfCost::PRODUCTION, dir, key, operator, name, pin)
    }

    /// As [`Vault::create`], with a PIN that costs nothing to guess; operators added later cost
    /// nothing either. Debug builds only, so that no release can contain it.
    ///
    /// # Errors
    /// [`VaultError`].
    #[cfg(debug_assertions)]
    pub fn create_cheap(
        dir: &Path,
        key: &DataKey,
        operator: OperatorId,
        name: &str,
        pin: &str,
    ) -> Result<Self, VaultError> {
        Self::create_with(KdfCost::CHEAP, dir, key, operator, name, pin)
    }

    fn create_with(
        cost: KdfCost,
        dir: &Path,
        key: &DataKey,
        operator: OperatorId,
        name: &str,
        pin: &str,
    ) -> Result<Self, VaultError> {
        files::create_private_dir(dir)?;
        if dir.join(KEYS_FILE).exists() {
            return Err(VaultError::AlreadyExists);
        }
        let mut vault = Self { dir: dir.to_owned(), keys: KeysFile::default(), cost };
        vault.add_operator(key, operator, name, pin)?;
        Ok(vault)
    }

    /// Those who may unlock, in the order in which they came.
    #[must_use]
    pub fn operators(&self) -> Vec<VaultOperator> {
        let operator = |wrap: &Wrap| VaultOperator { id: wrap.id, name: wrap.name.clone() };
        self.keys.operators.iter().map(operator).collect()
    }

    /// Gives one more operator access. Holding the data key proves that somebody is at work.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn add_operator(
        &mut self,
        unlocked: &DataKey,
        operator: OperatorId,
        name: &str,
        pin: &str,
    ) -> Result<(), VaultError> {
        let pin = normalised(pin)?;
        let name = name.trim();
        if name.is_empty() {
            return Err(VaultError::NameRequired);
        }
        if self.keys.operators.iter().any(|known| known.id == operator) {
            return Err(VaultError::AlreadyExists);
        }
        let mut keys = self.keys.clone();
        keys.operators.push(Wrap::make(operator, name, self.cost, &pin, unlocked)?);
        keys.write(&self.dir.join(KEYS_FILE))?;
        self.keys = keys;
        Ok(())
    }

    /// Opens the vault. Five wrong PINs make a wait of a minute, doubled by each further one, to
    /// an hour at most; the count survives a restart. Nothing is ever wiped.
    ///
    /// # Errors
    /// [`VaultError::WrongPin`], [`VaultError::Wait`], [`VaultError::UnknownOperator`].
    pub fn unlock(
        &mut self,
        operator: OperatorId,
        pin: &str,
        now_ms: i64,
    ) -> Result<DataKey, VaultError> {
        let wrap = self.keys.operators.iter().find(|known| known.id == operator);
        let wrap = wrap.ok_or(VaultError::UnknownOperator)?;
        let mut attempts = Attempts::read(&self.dir);
        attempts.check(operator, now_ms)?;
        // Counted before it is tried: killing the program between guesses gains none.
        let tries_left = attempts.count(operator, now_ms);
        let opened = normalised(pin).ok().and_then(|pin| wrap.open(&pin));
        let Some(key) = opened else { return Err(VaultError::WrongPin { tries_left }) };
        attempts.forget(operator);
        Ok(key)
    }
}

/// Are these six digits or more, in any script?
///
/// # Errors
/// [`VaultError::PinTooShort`].
pub fn check_pin(pin: &str) -> Result<(), VaultError> {
    normalised(pin).map(|_| ())
}

fn normalised(pin: &str) -> Result<Zeroizing<String>, VaultError> {
    let pin = Zeroizing::new(to_latin_digits(pin.trim()));
    let digits = pin.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (FEWEST_DIGITS..=MOST_DIGITS).contains(&pin.len()) {
        Ok(pin)
    } else {
        Err(VaultError::PinTooShort)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FIRST: OperatorId = OperatorId(uuid::Uuid::from_u128(1));
    const SECOND: OperatorId = OperatorId(uuid::Uuid::from_u128(2));

    fn vault(dir: &Path) -> (Vault, DataKey) {
        let key = DataKey::from_bytes([7; 32]);
        let vault = Vault::create_cheap(dir, &key, FIRST, "اپراتور نمونه", "۱۲۳۴۵۶").unwrap();
        (vault, key)
    }

    #[test]
    fn each_operator_opens_it_with_the_own_pin_in_digits_of_any_script() {
        let dir = tempfile::tempdir().unwrap();
        let (mut vault, key) = vault(dir.path());
        vault.add_operator(&key, SECOND, "همکار نمونه", "654321").unwrap();
        let mut vault = Vault::open(dir.path()).unwrap().unwrap();
        assert_eq!(vault.operators().len(), 2);
        assert_eq!(vault.unlock(FIRST, "123456", 0).unwrap().bytes(), key.bytes());
        assert_eq!(vault.unlock(FIRST, "١٢٣٤٥٦", 0).unwrap().bytes(), key.bytes());
        assert_eq!(vault.unlock(SECOND, "۶۵۴۳۲۱", 0).unwrap().bytes(), key.bytes());
        let other = vault.unlock(SECOND, "123456", 0);
        assert!(matches!(other, Err(VaultError::WrongPin { tries_left: 4 })));
    }

    #[test]
    fn five_wrong_pins_make_a_wait_that_doubles_and_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let (mut vault, _) = vault(dir.path());
        for tries_left in (0..5).rev() {
            let wrong = vault.unlock(FIRST, "000000", 1_000);
            assert!(
                matches!(wrong, Err(VaultError::WrongPin { tries_left: left }) if left == tries_left)
            );
        }
        let mut vault = Vault::open(dir.path()).unwrap().unwrap();
        let wait = vault.unlock(FIRST, "123456", 60_999);
        assert!(matches!(wait, Err(VaultError::Wait { until_ms: 61_000 })), "even the right one");
        assert!(matches!(vault.unlock(FIRST, "000000", 61_000), Err(VaultError::WrongPin { .. })));
        let wait = vault.unlock(FIRST, "123456", 61_000);
        assert!(matches!(wait, Err(VaultError::Wait { until_ms: 181_000 })));
        assert!(vault.unlock(FIRST, "123456", 181_000).is_ok());
        assert!(matches!(
            vault.unlock(FIRST, "000000", 181_000),
            Err(VaultError::WrongPin { tries_left: 4 })
        ));
    }

    #[test]
    fn a_clock_that_fell_back_to_2010_does_not_lock_anybody_out_for_years() {
        let dir = tempfile::tempdir().unwrap();
        let (mut vault, _) = vault(dir.path());
        for _ in 0..5 {
            let _ = vault.unlock(FIRST, "000000", 1_800_000_000_000);
        }
        let then = 1_262_304_000_000;
        assert!(
            matches!(vault.unlock(FIRST, "123456", then), Err(VaultError::Wait { until_ms }) if until_ms == then + 60_000)
        );
        assert!(vault.unlock(FIRST, "123456", then + 60_000).is_ok());
    }

    #[test]
    fn short_pins_names_of_nothing_and_second_vaults_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (mut vault, key) = vault(dir.path());
        for pin in ["12345", "", "12345a", "رمز عبور"] {
            let refused = vault.add_operator(&key, SECOND, "همکار نمونه", pin);
            assert!(matches!(refused, Err(VaultError::PinTooShort)), "{pin}");
        }
        let refused = vault.add_operator(&key, SECOND, " ", "123456");
        assert!(matches!(refused, Err(VaultError::NameRequired)));
        let again = Vault::create_cheap(dir.path(), &key, SECOND, "همکار نمونه", "123456");
        assert!(matches!(again, Err(VaultError::AlreadyExists)));
    }

    #[test]
    fn a_damaged_file_is_named_and_not_taken_for_a_missing_one() {
        let dir = tempfile::tempdir().unwrap();
        vault(dir.path());
        std::fs::write(dir.path().join(KEYS_FILE), b"{\"version\":1,\"oper").unwrap();
        assert!(matches!(Vault::open(dir.path()), Err(VaultError::Corrupt)));
    }

    #[test]
    fn what_is_created_for_production_costs_what_it_should() {
        let dir = tempfile::tempdir().unwrap();
        let key = DataKey::from_bytes([7; 32]);
        let mut vault = Vault::create(dir.path(), &key, FIRST, "اپراتور نمونه", "123456").unwrap();
        let cost = vault.keys.operators[0].cost;
        assert_eq!((cost.memory_kib, cost.passes), (64 * 1024, 3));
        assert!(vault.unlock(FIRST, "123456", 0).is_ok());
    }
}
