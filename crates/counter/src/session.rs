//! First start, operators, lock and unlock.

use std::sync::{Arc, Mutex, PoisonError};

use pishkhan_domain::ids::OperatorId;
use pishkhan_domain::persian_text;
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::session::{
    AppStatus, EnrolRequest, Office, Operator, OperatorAddRequest, Stage, UnlockRequest,
};
use pishkhan_protocol::body::{EventBody, OperatorEnrolled};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_protocol::enrolment::EnrolReply;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_store::vault::check_pin;
use pishkhan_store::{DataKey, Identity, Store, Vault};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::counter::{Counter, Open, Session};
use crate::error::CounterError;

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Counter {
    /// What the window shows first.
    ///
    /// # Errors
    /// None today.
    pub fn app_status(&self) -> Result<AppStatus, IpcError> {
        Ok(status(&self.session()))
    }

    /// First half of `device_enrol`: everything that can be wrong before the one-time code is
    /// spent. The caller then asks the centre and hands its answer to [`Counter::enrol_with`].
    ///
    /// # Errors
    /// `enrolment.already_done`, `operator.name_required`, `pin.too_short`.
    pub fn enrol_check(&self, request: &EnrolRequest) -> Result<(), IpcError> {
        self.told(|| enrollable(&self.session(), request).map(|_| ()))
    }

    /// Second half of `device_enrol`: store, first operator, vault; then the operator is at work.
    /// `seed` is that of the key which the centre certified.
    ///
    /// # Errors
    /// `centre.refused` when the answer does not certify this key, and as
    /// [`Counter::enrol_check`]; `disk.full`, `disk.failed`.
    pub fn enrol_with(
        &self,
        reply: &EnrolReply,
        seed: &Zeroizing<[u8; 32]>,
        request: &EnrolRequest,
    ) -> Result<AppStatus, IpcError> {
        self.told(|| {
            let mut session = self.session();
            let name = enrollable(&session, request)?;
            let identity = identity(reply, seed, &request.centre_url)?;
            let key = DataKey::generate()?;
            let mut store = Store::create(&self.places.data_dir, &key, &identity)?;
            let operator = OperatorId(Uuid::now_v7());
            enrol_operator(&mut store, operator, operator, &name, self.now_ms())?;
            // Last: from here on the office is enrolled.
            let vault = Vault::create(&self.places.data_dir, &key, operator, &name, &request.pin)?;
            *session = Session {
                vault: Some(vault),
                open: Some(Open { store: Arc::new(Mutex::new(store)), key }),
                operator: Some(operator),
            };
            Ok(status(&session))
        })
    }

    /// `operator_add`: one more operator for this device, by one who is at work.
    ///
    /// # Errors
    /// `session.locked`, `operator.name_required`, `pin.too_short`, `disk.full`.
    pub fn operator_add(&self, request: &OperatorAddRequest) -> Result<AppStatus, IpcError> {
        let now_ms = self.now_ms();
        self.told(|| {
            let mut session = self.session();
            let session = &mut *session;
            let (Some(vault), Some(open), Some(by)) =
                (&mut session.vault, &session.open, session.operator)
            else {
                return Err(CounterError::told("session.locked"));
            };
            let name = operator_name(&request.name)?;
            check_pin(&request.pin)?;
            let operator = OperatorId(Uuid::now_v7());
            let mut store = open.store.lock().unwrap_or_else(PoisonError::into_inner);
            // The log first: whoever can act must be known to the centre.
            enrol_operator(&mut store, by, operator, &name, now_ms)?;
            vault.add_operator(&open.key, operator, &name, &request.pin)?;
            drop(store);
            Ok(status(session))
        })
    }

    /// `session_unlock`: opens the store at the first time, and seats the operator.
    ///
    /// # Errors
    /// `pin.wrong`, `pin.wait`, `store.in_use`, `store.corrupt`, `store.too_new`.
    pub fn session_unlock(&self, request: &UnlockRequest) -> Result<AppStatus, IpcError> {
        let now_ms = self.now_ms();
        let status = self.told(|| {
            let mut session = self.session();
            let session = &mut *session;
            let Some(vault) = &mut session.vault else {
                return Err(CounterError::told("session.locked"));
            };
            let key = vault.unlock(request.operator, &request.pin, now_ms)?;
            if session.open.is_none() {
                let store = Store::open(&self.places.data_dir, &key)?;
                if let Some(rest) = store.unfinished_check() {
                    self.check_beside(rest)?;
                }
                session.open = Some(Open { store: Arc::new(Mutex::new(store)), key });
            }
            session.operator = Some(request.operator);
            Ok(status(session))
        })?;
        self.settle_prints()?;
        Ok(status)
    }

    /// `session_lock`. The store stays open for the background sync.
    ///
    /// # Errors
    /// None today.
    pub fn session_lock(&self) -> Result<AppStatus, IpcError> {
        let mut session = self.session();
        session.operator = None;
        Ok(status(&session))
    }

    fn told<T>(&self, act: impl FnOnce() -> Result<T, CounterError>) -> Result<T, IpcError> {
        act().map_err(|error| error.into_ipc(self.now_ms()))
    }
}

/// The first operator's name, if this PC can be enrolled by this request.
fn enrollable(session: &Session, request: &EnrolRequest) -> Result<String, CounterError> {
    if session.vault.is_some() {
        return Err(CounterError::told("enrolment.already_done"));
    }
    let name = operator_name(&request.operator_name)?;
    check_pin(&request.pin)?;
    Ok(name)
}

fn operator_name(typed: &str) -> Result<String, CounterError> {
    match persian_text::clean(typed) {
        Ok(name) if !name.is_empty() && name.chars().count() <= 80 => Ok(name),
        _ => Err(CounterError::told("operator.name_required")),
    }
}

/// Takes the centre's answer only if it certifies this very key.
fn identity(
    reply: &EnrolReply,
    seed: &Zeroizing<[u8; 32]>,
    centre_url: &str,
) -> Result<Identity, CounterError> {
    let refused = || CounterError::told("centre.refused");
    let facts = reply.certificate.verify(&reply.centre_key).map_err(|_| refused())?;
    let ours = facts.device == reply.device
        && facts.office == reply.office
        && facts.key == SecretKey::from_seed(seed).public();
    if !ours {
        return Err(refused());
    }
    Ok(Identity {
        device: reply.device,
        office: reply.office.clone(),
        office_title: reply.office_title.clone(),
        district_title: reply.district_title.clone(),
        centre_url: centre_url.trim().trim_end_matches('/').to_owned(),
        public_url: reply.public_url.trim_end_matches('/').to_owned(),
        certificate: reply.certificate.clone(),
        centre_key: reply.centre_key,
        key_seed: seed.clone(),
        secret: DeviceSecret(reply.secret),
        epoch: reply.epoch,
    })
}

fn enrol_operator(
    store: &mut Store,
    by: OperatorId,
    operator: OperatorId,
    name: &str,
    now_ms: i64,
) -> Result<(), CounterError> {
    let body = EventBody::OperatorEnrolled(OperatorEnrolled { operator, name: name.to_owned() });
    store.append(by, now_ms, vec![body], &[])?;
    Ok(())
}

fn status(session: &Session) -> AppStatus {
    let operators: Vec<Operator> = session
        .vault
        .iter()
        .flat_map(Vault::operators)
        .map(|operator| Operator { id: operator.id, name: operator.name })
        .collect();
    let stage = match (&session.vault, session.operator) {
        (None, _) => Stage::Unenrolled,
        (Some(_), None) => Stage::Locked,
        (Some(_), Some(_)) => Stage::Open,
    };
    let office = session.open.as_ref().map(|open| {
        let store = open.store.lock().unwrap_or_else(PoisonError::into_inner);
        office(store.identity())
    });
    let operator =
        session.operator.and_then(|id| operators.iter().find(|known| known.id == id).cloned());
    AppStatus { stage, version: VERSION.to_owned(), office, operators, operator }
}

fn office(identity: &Identity) -> Office {
    Office {
        code: identity.office.clone(),
        title: identity.office_title.clone(),
        district_title: identity.district_title.clone(),
        device: identity.device,
        centre_url: identity.centre_url.clone(),
        public_url: identity.public_url.clone(),
    }
}
