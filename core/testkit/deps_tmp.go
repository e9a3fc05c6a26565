//go:build depstmp

package testkit

import (
	_ "github.com/HugoSmits86/nativewebp"
	_ "github.com/chromedp/chromedp"
	_ "github.com/getkin/kin-openapi/openapi3"
	_ "github.com/getkin/kin-openapi/openapi3filter"
	_ "github.com/getkin/kin-openapi/routers/gorillamux"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"
	_ "github.com/santhosh-tekuri/jsonschema/v6"
	_ "github.com/spf13/cobra"
	_ "go.mau.fi/util/dbutil/litestream"
	_ "go.mau.fi/util/ffmpeg"
	_ "go.uber.org/goleak"
	_ "golang.org/x/image/webp"
	_ "golang.org/x/time/rate"
	_ "gopkg.in/yaml.v3"
	_ "maunium.net/go/mautrix/bridgev2/matrix"
	_ "maunium.net/go/mautrix/crypto/cryptohelper"
)
