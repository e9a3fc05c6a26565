package hub

import (
	"context"
	"fmt"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/crypto/sql_store_upgrade"
	"maunium.net/go/mautrix/sqlstatestore"
)

// UpgradeTables brings all tables that the hub's libraries keep in a database up to date, as a start with every network
// and with encryption would. It is for those who need the tables and no hub; Puente's own are store.Upgrade's.
func UpgradeTables(ctx context.Context, db *dbutil.Database) error {
	if err := database.New("", database.MetaTypes{}, db).Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade the bridges' tables: %w", err)
	}
	if err := db.Child(sqlstatestore.VersionTableName, sqlstatestore.UpgradeTable, nil).Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade the room state tables: %w", err)
	}
	if err := db.Child(sql_store_upgrade.VersionTableName, sql_store_upgrade.Table, nil).Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade the encryption tables: %w", err)
	}
	return nil
}
