-- The tables of version 1, as the first version of pool-as-code made them. Never change this file.

CREATE TABLE meta (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
) WITHOUT ROWID;

CREATE TABLE containers (
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  parent_id TEXT,
  document TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (parent_id) REFERENCES containers (id)
);

CREATE INDEX containers_by_parent_id ON containers (parent_id);

CREATE TABLE schemas (
  id TEXT NOT NULL,
  document TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE pools (
  id TEXT NOT NULL,
  container_id TEXT,
  document TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (container_id) REFERENCES containers (id)
);

CREATE INDEX pools_by_container_id ON pools (container_id);

CREATE TABLE pool_schemas (
  pool_id TEXT NOT NULL,
  role TEXT NOT NULL,
  schema_id TEXT NOT NULL,
  PRIMARY KEY (pool_id, role),
  FOREIGN KEY (pool_id) REFERENCES pools (id),
  FOREIGN KEY (schema_id) REFERENCES schemas (id)
) WITHOUT ROWID;

CREATE INDEX pool_schemas_by_schema_id ON pool_schemas (schema_id);

CREATE TABLE pool_sign_in (
  pool_id TEXT NOT NULL,
  container_id TEXT NOT NULL,
  PRIMARY KEY (pool_id, container_id),
  FOREIGN KEY (pool_id) REFERENCES pools (id),
  FOREIGN KEY (container_id) REFERENCES containers (id)
) WITHOUT ROWID;

CREATE INDEX pool_sign_in_by_container_id ON pool_sign_in (container_id);

CREATE TABLE user_groups (
  id TEXT NOT NULL,
  pool_id TEXT NOT NULL,
  parent_id TEXT,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (pool_id) REFERENCES pools (id),
  FOREIGN KEY (parent_id) REFERENCES user_groups (id)
);

CREATE INDEX user_groups_by_pool_id_name ON user_groups (pool_id, name);

CREATE INDEX user_groups_by_parent_id ON user_groups (parent_id);

CREATE TABLE users (
  id TEXT NOT NULL,
  pool_id TEXT NOT NULL,
  document TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (pool_id) REFERENCES pools (id)
);

CREATE INDEX users_by_pool_id ON users (pool_id);

CREATE TABLE user_identifiers (
  pool_id TEXT NOT NULL,
  key TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (pool_id, key),
  FOREIGN KEY (user_id) REFERENCES users (id)
) WITHOUT ROWID;

CREATE INDEX user_identifiers_by_user_id ON user_identifiers (user_id);

CREATE TABLE verified_addresses (
  pool_id TEXT NOT NULL,
  key TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (pool_id, key),
  FOREIGN KEY (user_id) REFERENCES users (id)
) WITHOUT ROWID;

CREATE INDEX verified_addresses_by_user_id ON verified_addresses (user_id);

CREATE TABLE user_schemas (
  user_id TEXT NOT NULL,
  role TEXT NOT NULL,
  schema_id TEXT NOT NULL,
  PRIMARY KEY (user_id, role),
  FOREIGN KEY (user_id) REFERENCES users (id),
  FOREIGN KEY (schema_id) REFERENCES schemas (id)
) WITHOUT ROWID;

CREATE INDEX user_schemas_by_schema_id ON user_schemas (schema_id);

CREATE TABLE group_members (
  group_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (group_id, user_id),
  FOREIGN KEY (group_id) REFERENCES user_groups (id),
  FOREIGN KEY (user_id) REFERENCES users (id)
) WITHOUT ROWID;

CREATE INDEX group_members_by_user_id ON group_members (user_id);

CREATE TABLE ownership (
  kind TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  project TEXT NOT NULL,
  environment TEXT NOT NULL,
  path TEXT NOT NULL,
  protect INTEGER NOT NULL,
  adopted INTEGER NOT NULL,
  claimed INTEGER NOT NULL,
  settled TEXT NOT NULL,
  fields TEXT NOT NULL,
  PRIMARY KEY (kind, remote_id),
  UNIQUE (project, environment, kind, path)
) WITHOUT ROWID;

CREATE TABLE lease (
  number INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (number)
);

CREATE TABLE runs (
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  environment TEXT NOT NULL,
  plan_digest TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  actor TEXT NOT NULL,
  summary TEXT NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX runs_by_started_at ON runs (started_at);

CREATE TABLE run_changes (
  run_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  entry TEXT NOT NULL,
  PRIMARY KEY (run_id, number),
  FOREIGN KEY (run_id) REFERENCES runs (id)
) WITHOUT ROWID;
