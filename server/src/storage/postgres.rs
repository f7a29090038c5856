//! The production store: PostgreSQL, through a pool of connections.
//!
//! Invariant: order of numbers is order of commits, since numbers are taken under row locks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures::future::try_join_all;
use tokio_postgres::NoTls;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use super::{Row, Storage, StorageError, Unit, Value};

mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

/// Connections of one process.
const POOL_SIZE: usize = 32;
/// Rows of one insertion: with the widest table of ours well within the 65,535 parameters that
/// PostgreSQL takes.
const ROWS: usize = 200;
/// Asks whether the database answers.
///
/// # Errors
/// [`StorageError::Unavailable`].
pub async fn reach(url: &str) -> Result<(), StorageError> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.map_err(StorageError::unavailable)?;
    let driver = tokio::spawn(connection);
    let answered = client.batch_execute("SELECT 1").await;
    drop(client);
    // It ends with its client.
    let _ended = driver.await;
    answered.map_err(StorageError::unavailable)
}

/// Any number; the same in every process, so that only one migrates at a time.
const MIGRATION_LOCK: i64 = 7_203_115;

/// A pool of connections.
pub struct PostgresStorage {
    pool: Pool,
}

impl PostgresStorage {
    /// Connects and migrates.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        let config: tokio_postgres::Config = url.parse().map_err(StorageError::unavailable)?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(POOL_SIZE)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(10)))
            .build()
            .map_err(StorageError::unavailable)?;
        let mut client = pool.get().await.map_err(StorageError::unavailable)?;
        let lock = [&MIGRATION_LOCK as &(dyn ToSql + Sync)];
        client
            .execute("SELECT pg_advisory_lock($1)", &lock)
            .await
            .map_err(StorageError::unavailable)?;
        let migrated = migrations::migrations::runner().run_async(&mut **client.as_mut()).await;
        client
            .execute("SELECT pg_advisory_unlock($1)", &lock)
            .await
            .map_err(StorageError::unavailable)?;
        migrated.map_err(StorageError::unavailable)?;
        Ok(Self { pool })
    }

    async fn unit(&self, begin: &str) -> Result<Box<dyn Unit>, StorageError> {
        let client = self.pool.get().await.map_err(StorageError::unavailable)?;
        client.batch_execute(begin).await.map_err(StorageError::unavailable)?;
        Ok(Box::new(PostgresUnit { client: Some(client) }))
    }
}

#[async_trait]
impl Storage for PostgresStorage {
    async fn begin(&self) -> Result<Box<dyn Unit>, StorageError> {
        self.unit("BEGIN").await
    }
    async fn read(&self) -> Result<Box<dyn Unit>, StorageError> {
        self.unit("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }
}

struct PostgresUnit {
    /// Gone after a commit.
    client: Option<Object>,
}

impl PostgresUnit {
    fn client(&self) -> Result<&Object, StorageError> {
        self.client.as_ref().ok_or(StorageError::Unreadable("transaction"))
    }

    /// Runs a statement that takes the parameters of `rows` sets at once.
    async fn execute_by(
        &self,
        sql: &str,
        rows: usize,
        sets: &[Vec<Value>],
    ) -> Result<u64, StorageError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await.map_err(|error| failed(&error))?;
        // Awaited together, they travel together: one round trip for a whole batch.
        let sent = sets.chunks(rows).map(|sets| {
            let statement = &statement;
            async move {
                let params: Vec<_> = sets.iter().flat_map(|params| as_sql(params)).collect();
                client.execute(statement, &params).await
            }
        });
        let changed = try_join_all(sent).await.map_err(|error| failed(&error))?;
        Ok(changed.iter().sum())
    }
}

impl Drop for PostgresUnit {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        // An open transaction never goes back to the pool: either it is rolled back first, or the
        // server rolls it back with the connection's end.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                if client.batch_execute("ROLLBACK").await.is_err() {
                    drop(Object::take(client));
                }
            })),
            Err(_) => drop(Object::take(client)),
        }
    }
}

#[async_trait]
impl Unit for PostgresUnit {
    async fn query(
        &mut self,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StorageError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await.map_err(|error| failed(&error))?;
        let rows =
            client.query(&statement, &as_sql(&params)).await.map_err(|error| failed(&error))?;
        let names: Arc<[String]> =
            statement.columns().iter().map(|column| column.name().to_owned()).collect();
        rows.iter().map(|row| read_row(row, &names)).collect()
    }

    async fn query_each(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StorageError> {
        let client = self.client()?;
        // A plan that was made while a table was nearly empty may take any index, and is kept: for
        // many questions it is made again.
        let statement = match sets.len() {
            0..ROWS => client.prepare_cached(sql).await,
            ROWS.. => client.prepare(sql).await,
        };
        let statement = statement.map_err(|error| failed(&error))?;
        // Awaited together, they travel together: one round trip for all.
        let sent = sets.iter().map(|params| {
            let statement = &statement;
            async move { client.query(statement, &as_sql(params)).await }
        });
        let found = try_join_all(sent).await.map_err(|error| failed(&error))?;
        let names: Arc<[String]> =
            statement.columns().iter().map(|column| column.name().to_owned()).collect();
        found.iter().flatten().map(|row| read_row(row, &names)).collect()
    }

    async fn execute(
        &mut self,
        sql: &'static str,
        sets: Vec<Vec<Value>>,
    ) -> Result<u64, StorageError> {
        let many = many_rows(sql).filter(|_| sets.len() >= ROWS);
        let alone = if many.is_some() { sets.len() % ROWS } else { sets.len() };
        let (together, alone) = sets.split_at(sets.len() - alone);
        let mut changed = 0;
        if let Some(many) = many {
            changed += self.execute_by(&many, ROWS, together).await?;
        }
        Ok(changed + self.execute_by(sql, 1, alone).await?)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StorageError> {
        self.client()?.batch_execute("COMMIT").await.map_err(|error| failed(&error))?;
        drop(self.client.take());
        Ok(())
    }
}

/// The same insertion of [`ROWS`] rows at once; none for what is no plain insertion of parameters.
fn many_rows(sql: &str) -> Option<String> {
    let (before, values) = sql.split_once("VALUES (")?;
    let (row, after) = values.split_once(')')?;
    let numbers = row.split(',').map(|each| each.trim().strip_prefix('$')?.parse().ok());
    let numbers: Vec<usize> = numbers.collect::<Option<_>>()?;
    let columns = numbers.len();
    if !numbers.into_iter().eq(1..=columns) || after.contains('$') {
        return None;
    }
    let row = |row: usize| {
        let params = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", params.collect::<Vec<_>>().join(", "))
    };
    let rows = (0..ROWS).map(row).collect::<Vec<_>>().join(", ");
    Some(format!("{before}VALUES {rows}{after}"))
}

/// What the database said, without the detail and the row that it may quote: those are personal.
fn failed(error: &tokio_postgres::Error) -> StorageError {
    StorageError::unavailable(match error.as_db_error() {
        Some(said) => format!("{}: {}", said.code().code(), said.message()),
        None => error.to_string(),
    })
}

fn as_sql(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn read_row(row: &tokio_postgres::Row, names: &Arc<[String]>) -> Result<Row, StorageError> {
    let values = (0..names.len())
        .map(|index| row.try_get::<_, Option<Value>>(index).map(|v| v.unwrap_or(Value::Null)))
        .collect::<Result<_, _>>()
        .map_err(StorageError::unavailable)?;
    Ok(Row { names: names.clone(), values })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(ty, out),
        }
    }
    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(
        ty: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Int),
            Type::TEXT => String::from_sql(ty, raw).map(Self::Text),
            _ => Vec::<u8>::from_sql(ty, raw).map(Self::Bytes),
        }
    }
    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }
}
