//! The centre's real storage on a machine that may stop before or after any statement and commit,
//! whose disk may be full, and on which another request may come in between.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::future::BoxFuture;
use pishkhan_server::storage::{Row, SharedStorage, Storage, StorageError, Unit, Value};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The machine stops before the operation.
    StopBefore,
    /// The machine stops after it.
    StopAfter,
    /// The disk does not take it.
    Full,
    /// It was done, and an error is answered: the commit of which nobody knows.
    Unknown,
}

/// What is to go wrong, shared by storage and world.
#[derive(Default)]
pub(crate) struct Plan {
    /// Operations until it goes wrong.
    pub(crate) fuse: Option<(u32, Mishap)>,
    /// The next commit goes wrong so.
    pub(crate) at_commit: Option<Mishap>,
    /// The machine has stopped.
    pub(crate) stopped: bool,
    /// What came of the fuse.
    pub(crate) happened: Option<(Mishap, bool)>,
    /// Another request that comes in before a unit begins, after so many that began.
    pub(crate) meanwhile: Option<(u32, BoxFuture<'static, ()>)>,
}

pub(crate) type SharedPlan = Arc<Mutex<Plan>>;

pub(crate) fn locked(plan: &SharedPlan) -> std::sync::MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct FragileStorage {
    pub(crate) inner: SharedStorage,
    pub(crate) plan: SharedPlan,
}

fn burn(plan: &SharedPlan, commit: bool) -> Result<Option<Mishap>, StorageError> {
    let mut plan = locked(plan);
    if plan.stopped {
        return Err(broken());
    }
    let mishap = match (plan.fuse, commit, plan.at_commit) {
        (_, true, Some(mishap)) => {
            plan.at_commit = None;
            mishap
        }
        (Some((0, mishap)), ..) => {
            plan.fuse = None;
            mishap
        }
        (Some((left, mishap)), ..) => {
            plan.fuse = Some((left - 1, mishap));
            return Ok(None);
        }
        _ => return Ok(None),
    };
    plan.happened = Some((mishap, commit));
    plan.stopped = matches!(mishap, Mishap::StopBefore | Mishap::StopAfter);
    match mishap {
        Mishap::StopBefore | Mishap::Full => Err(broken()),
        after => Ok(Some(after)),
    }
}

fn after<T>(mishap: Option<Mishap>, done: T) -> Result<T, StorageError> {
    match mishap {
        None => Ok(done),
        Some(_) => Err(broken()),
    }
}

fn broken() -> StorageError {
    StorageError::Unavailable("the machine of the centre".into())
}

impl FragileStorage {
    async fn meanwhile(&self) {
        let comes = {
            let mut plan = locked(&self.plan);
            match &mut plan.meanwhile {
                Some((0, _)) => plan.meanwhile.take(),
                Some((left, _)) => {
                    *left -= 1;
                    None
                }
                None => None,
            }
        };
        if let Some((_, other)) = comes {
            other.await;
        }
    }
}

#[async_trait]
impl Storage for FragileStorage {
    async fn begin(&self) -> Result<Box<dyn Unit>, StorageError> {
        self.meanwhile().await;
        let mishap = burn(&self.plan, false)?;
        let inner = after(mishap, self.inner.begin().await?)?;
        Ok(Box::new(FragileUnit { inner, plan: self.plan.clone() }))
    }
    async fn read(&self) -> Result<Box<dyn Unit>, StorageError> {
        let mishap = burn(&self.plan, false)?;
        let inner = after(mishap, self.inner.read().await?)?;
        Ok(Box::new(FragileUnit { inner, plan: self.plan.clone() }))
    }
}

struct FragileUnit {
    inner: Box<dyn Unit>,
    plan: SharedPlan,
}

#[async_trait]
impl Unit for FragileUnit {
    async fn query(
        &mut self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StorageError> {
        let mishap = burn(&self.plan, false)?;
        after(mishap, self.inner.query(sql, params).await?)
    }
    async fn query_each(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StorageError> {
        let mishap = burn(&self.plan, false)?;
        after(mishap, self.inner.query_each(sql, sets).await?)
    }
    async fn execute(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<u64, StorageError> {
        let mishap = burn(&self.plan, false)?;
        after(mishap, self.inner.execute(sql, sets).await?)
    }
    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        let mishap = burn(&self.plan, true)?;
        self.inner.commit().await?;
        after(mishap, ())
    }
}
