//! The command line: flags and environment, checked before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use pishkhan_server::access::Role;
use pishkhan_server::administration::NewMember;

mod audit;
mod backup;
mod courier;
mod documents;
mod hub;
mod orders;
mod root;
mod running;
mod settings;

/// The centre of Pishkhan.
#[derive(Parser)]
#[command(name = "pishkhan-server", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the centre keeps what it knows.
#[derive(Args)]
struct Database {
    /// `postgres://…`, or the path of an SQLite file.
    #[arg(long, env = "PISHKHAN_DATABASE")]
    database: String,
}

#[derive(Subcommand)]
enum Command {
    /// Serve devices, officers and citizens.
    Serve(Box<settings::Given>),
    /// Check the settings with which it would serve, and what they name; starts nothing.
    CheckConfig(Box<settings::Given>),
    /// Write a backup of database and documents while the centre serves, and read it back; offices
    /// are told how far they are safe.
    Backup {
        #[command(flatten)]
        given: Box<settings::Given>,
        /// Folder of backups; it holds the centre's key and personal data, so keep it sealed.
        #[arg(long, env = "PISHKHAN_BACKUPS")]
        folder: PathBuf,
        /// How many backups of the database stay.
        #[arg(long, default_value_t = 14)]
        keep: usize,
    },
    /// Restore a backup into an empty database; offices then send again what it lacks.
    Restore {
        #[command(flatten)]
        database: Database,
        /// Folder for documents; those beside the backup are put back.
        #[arg(long, env = "PISHKHAN_DOCUMENTS")]
        documents: Option<PathBuf>,
        /// The backup: `pishkhan-….dump` or `pishkhan-….db`.
        file: PathBuf,
    },
    /// A whole centre in one folder, with samples, to try it out.
    Trial {
        /// Folder.
        #[arg(long, env = "PISHKHAN_TRIAL_DATA")]
        data: PathBuf,
        /// Address to listen on; port 0 takes any free one.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Address of the public pages; by default the one listened on.
        #[arg(long, value_parser = orders::public_url)]
        public_url: Option<String>,
        /// Folder of the catalogue.
        #[arg(long, env = "PISHKHAN_CATALOGUE", default_value = "catalogue")]
        catalogue: PathBuf,
        /// Another database than the SQLite file in the folder.
        #[arg(long, env = "PISHKHAN_DATABASE")]
        database: Option<String>,
    },
    /// A mailbox of courier files for the offices of a local network, which forwards them to the
    /// centre when it has a line, and cannot read them.
    Hub(hub::HubOptions),
    /// The catalogue.
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Offices.
    #[command(subcommand)]
    Office(OfficeCommand),
    /// A code with which one device of an office enrols.
    EnrolmentCode {
        #[command(flatten)]
        database: Database,
        /// Code of the office.
        office: String,
    },
    /// Officers of the agencies.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Tokens of agencies' own systems.
    #[command(subcommand)]
    AgencyToken(AgencyTokenCommand),
    /// Devices.
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Files that offices send by hand.
    #[command(subcommand)]
    Courier(CourierCommand),
    /// Documents that have arrived.
    #[command(subcommand)]
    Documents(DocumentsCommand),
    /// Check every chain, root and projection; names what was changed, deleted or reordered, one
    /// line for each, and exits with 1 when there is anything.
    Audit {
        #[command(flatten)]
        database: Database,
        /// Folder for documents, to read each again.
        #[arg(long, env = "PISHKHAN_DOCUMENTS")]
        documents: Option<PathBuf>,
        /// The centre's public key as it was written down elsewhere, in hexadecimal.
        #[arg(long, value_parser = audit::public_key)]
        key: Option<pishkhan_protocol::keys::PublicKey>,
        /// A root that was kept elsewhere, as `/roots/DAY` gave it; more than once.
        #[arg(long)]
        published: Vec<PathBuf>,
    },
    /// The signed roots of the days.
    #[command(subcommand)]
    Root(RootCommand),
    /// The centre itself.
    #[command(subcommand)]
    Centre(CentreCommand),
}

#[derive(Subcommand)]
enum CatalogueCommand {
    /// Publish every card of a folder that is new or changed.
    Publish {
        #[command(flatten)]
        database: Database,
        /// Folder with `services/`.
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
enum OfficeCommand {
    /// Add an office, or rename it.
    Add {
        #[command(flatten)]
        database: Database,
        /// Code, for instance `zahedan-0007`.
        code: String,
        /// Name in Persian.
        title: String,
        /// District and county in Persian.
        #[arg(long, default_value = "")]
        district: String,
    },
    /// Put an office into a district, for figures and briefings.
    Place {
        #[command(flatten)]
        database: Database,
        /// Code.
        code: String,
        /// Code of the district.
        district: String,
        /// Kilometres to the centre of the district, one way.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=2_000))]
        distance_km: u32,
    },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Add a member of the staff, or give a new password, which is printed once.
    Add {
        #[command(flatten)]
        database: Database,
        /// Name to log in with.
        username: String,
        /// officer, supervisor, head, administrator, auditor or governor.
        #[arg(long, default_value = "officer")]
        role: Role,
        /// Code of the agency, for the roles that are of one.
        #[arg(long, default_value = "")]
        agency: String,
        /// A governor's province; none is the whole country.
        #[arg(long, default_value = "")]
        province: String,
        /// A governor's county; none is the whole province.
        #[arg(long, default_value = "")]
        county: String,
        /// Name as colleagues see it.
        #[arg(long)]
        name: String,
    },
    /// Take a member's second factor and recovery codes away and end the sessions; a role that needs
    /// a factor sets one up when it signs in again.
    ResetFactor {
        #[command(flatten)]
        database: Database,
        /// Name to log in with.
        username: String,
    },
}

#[derive(Subcommand)]
enum AgencyTokenCommand {
    /// Make a token, which is printed once.
    Add {
        #[command(flatten)]
        database: Database,
        /// Code of the agency whose applications it reads.
        #[arg(long)]
        agency: String,
        /// What the system is called, in the staff's log too.
        #[arg(long)]
        title: String,
    },
    /// Take away every token of this title.
    Revoke {
        #[command(flatten)]
        database: Database,
        /// Code of the agency.
        #[arg(long)]
        agency: String,
        /// Title of the tokens.
        #[arg(long)]
        title: String,
    },
}

#[derive(Subcommand)]
enum DeviceCommand {
    /// Take a device's access away.
    Revoke {
        #[command(flatten)]
        database: Database,
        /// Its number.
        number: u32,
    },
}

#[derive(Subcommand)]
enum CourierCommand {
    /// Take files, and write an answer to each; exits with 2 when any was not usable as it is.
    Import {
        #[command(flatten)]
        database: Database,
        /// Folder for documents.
        #[arg(long, env = "PISHKHAN_DOCUMENTS")]
        documents: PathBuf,
        /// Files, or folders with files that end in `.courier`.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Folder for the answers.
        #[arg(long)]
        answers: PathBuf,
        /// Language of the lines.
        #[arg(long, env = "PISHKHAN_LANGUAGE", value_enum, default_value = "fa")]
        language: courier::Language,
    },
}

#[derive(Subcommand)]
enum RootCommand {
    /// Make the root of the last day that has ended, unless it is there; prints day and hash.
    Make {
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Subcommand)]
enum DocumentsCommand {
    /// Read every document that has arrived, and ask the offices again for those that are missing
    /// or damaged; exits with 2 when there are any. The centre may be serving meanwhile.
    Check {
        #[command(flatten)]
        database: Database,
        /// Folder for documents.
        #[arg(long, env = "PISHKHAN_DOCUMENTS")]
        documents: PathBuf,
        /// Ask again even for more than one in ten: the folder is the right one.
        #[arg(long)]
        many: bool,
    },
}

#[derive(Subcommand)]
enum CentreCommand {
    /// Print the public key that devices pin.
    Key {
        #[command(flatten)]
        database: Database,
    },
    /// Declare that the database was restored from a backup: devices send again what it lost.
    Restored {
        #[command(flatten)]
        database: Database,
    },
}

/// Reads the command line and obeys.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    running::start_log();
    let command = Cli::parse().command;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(obey(command))
}

async fn obey(command: Command) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Courier(CourierCommand::Import {
            database,
            documents,
            files,
            answers,
            language,
        }) => {
            let (database, documents) = (&database.database, &documents);
            let (files, answers) = (&files, &answers);
            return courier::import(courier::Import {
                database,
                documents,
                files,
                answers,
                language,
            })
            .await;
        }
        Command::Documents(DocumentsCommand::Check { database, documents, many }) => {
            return documents::check(&database.database, &documents, many).await;
        }
        Command::Audit { database, documents, key, published } => {
            let (database, published) = (&database.database, &published);
            let documents = documents.as_deref();
            return audit::run(audit::Order { database, documents, key, published }).await;
        }
        Command::Serve(given) => running::serve(given.settle()?).await,
        Command::CheckConfig(given) => settings::check(*given).await,
        Command::Backup { given, folder, keep } => {
            let (database, documents) = given.places()?;
            backup::write(&database, documents.as_deref(), &folder, keep).await
        }
        Command::Restore { database, documents, file } => {
            backup::restore(&file, &database.database, documents.as_deref()).await
        }
        Command::Trial { data, listen, public_url, catalogue, database } => {
            running::trial(&data, listen, public_url, &catalogue, database).await
        }
        Command::Hub(options) => hub::run(options).await,
        Command::Catalogue(CatalogueCommand::Publish { database, folder }) => {
            orders::publish(&database.database, &folder).await
        }
        Command::Office(OfficeCommand::Add { database, code, title, district }) => {
            orders::add_office(&database.database, &code, &title, &district).await
        }
        Command::Office(OfficeCommand::Place { database, code, district, distance_km }) => {
            orders::place_office(&database.database, &code, &district, distance_km).await
        }
        Command::EnrolmentCode { database, office } => {
            orders::enrolment_code(&database.database, &office).await
        }
        Command::Staff(StaffCommand::Add {
            database,
            username,
            role,
            agency,
            province,
            county,
            name,
        }) => {
            let member = NewMember {
                username: &username,
                display_name: &name,
                role,
                agency: &agency,
                province: &province,
                county: &county,
            };
            orders::add_member(&database.database, &member).await
        }
        Command::Staff(StaffCommand::ResetFactor { database, username }) => {
            orders::reset_factor(&database.database, &username).await
        }
        Command::AgencyToken(AgencyTokenCommand::Add { database, agency, title }) => {
            orders::add_token(&database.database, &agency, &title).await
        }
        Command::AgencyToken(AgencyTokenCommand::Revoke { database, agency, title }) => {
            orders::revoke_token(&database.database, &agency, &title).await
        }
        Command::Device(DeviceCommand::Revoke { database, number }) => {
            orders::revoke(&database.database, number).await
        }
        Command::Root(RootCommand::Make { database }) => root::make(&database.database).await,
        Command::Centre(CentreCommand::Key { database }) => orders::key(&database.database).await,
        Command::Centre(CentreCommand::Restored { database }) => {
            orders::restored(&database.database).await
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}
