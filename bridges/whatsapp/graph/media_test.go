package graph_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"puente/bridges/bridgekit/guard"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

// form reads a multipart body: fields, and of the file its headers and content.
func form(t *testing.T, r seen) (fields map[string]string, file *multipart.Part, content []byte) {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.contentType)
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(bytes.NewReader(r.body), params["boundary"])
	fields = map[string]string{}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, file, content
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if part.FormName() == "file" {
			file, content = part, body
			continue
		}
		fields[part.FormName()] = string(body)
	}
}

func TestUploadMedia(t *testing.T) {
	upload := func(t *testing.T, s *server, file io.Reader, size int64, mimeType, name string) (string, error) {
		t.Helper()
		return s.client(t).UploadMedia(context.Background(), ourNumber, file, size, mimeType, name)
	}
	done := says(200, `{"id":"4490709327384033"}`)
	t.Run("FormAsMetaWantsIt", func(t *testing.T) {
		s := serve(t, done)
		got, err := upload(t, s, strings.NewReader("picture"), 7, "image/jpeg", `mein "Rad" ü.jpg`)
		if err != nil || got != "4490709327384033" {
			t.Fatal(got, err)
		}
		r := s.last(t)
		fields, file, content := form(t, r)
		is(t, fields, map[string]string{"messaging_product": "whatsapp", "type": "image/jpeg"})
		is(t, []string{file.FileName(), file.Header.Get("Content-Type"), string(content)}, []string{`mein "Rad" ü.jpg`, "image/jpeg", "picture"})
		is(t, []any{r.path, r.auth, r.length}, []any{"/v25.0/" + ourNumber + "/media", "Bearer " + token, int64(len(r.body))})
	})
	t.Run("NameCannotAddHeaders", func(t *testing.T) {
		s := serve(t, done)
		if _, err := upload(t, s, strings.NewReader("x"), 1, "image/png\r\nX-Evil: 1", "a\r\nX-Evil: 1.png"); err != nil {
			t.Fatal(err)
		}
		_, file, _ := form(t, s.last(t))
		if file.Header.Get("X-Evil") != "" {
			t.Fatalf("headers %v", file.Header)
		}
	})
	t.Run("LargeFileIsStreamed", func(t *testing.T) {
		const size = 64 << 20
		var most atomic.Int64
		source := &counting{left: size, most: &most}
		s := serve(t, done)
		if _, err := upload(t, s, source, size, "application/pdf", "big.pdf"); err != nil {
			t.Fatal(err)
		}
		_, _, content := form(t, s.last(t))
		if len(content) != size || most.Load() > 1<<20 {
			t.Fatalf("%d bytes arrived, the largest read was of %d", len(content), most.Load())
		}
	})
	for name, c := range map[string]struct {
		file io.Reader
		size int64
		mime string
		kind error
		asks int
	}{
		"EmptyFile":         {strings.NewReader(""), 0, "image/png", errs.ErrInvalid, 0},
		"MissingType":       {strings.NewReader("x"), 1, "", errs.ErrInvalid, 0},
		"ImageOverItsLimit": {strings.NewReader("x"), 5<<20 + 1, "image/png", errs.ErrTooLarge, 0},
		"VoiceOverItsLimit": {strings.NewReader("x"), 16<<20 + 1, "audio/ogg; codecs=opus", errs.ErrTooLarge, 0},
		"StickerOverLimit":  {strings.NewReader("x"), 500<<10 + 1, "image/webp", errs.ErrTooLarge, 0},
		"DocumentOverLimit": {strings.NewReader("x"), 100<<20 + 1, "application/zip", errs.ErrTooLarge, 0},
		"ShorterThanSaid":   {strings.NewReader("abc"), 5, "image/png", errs.ErrInvalid, 1},
		"LongerThanSaid":    {strings.NewReader("abcdef"), 5, "image/png", errs.ErrInvalid, 1},
		"BrokenSource":      {io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(errSource)), 5, "image/png", errSource, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, done)
			_, err := upload(t, s, c.file, c.size, c.mime, "a")
			if !errors.Is(err, c.kind) || len(s.all()) > c.asks {
				t.Fatalf("error %v after %d requests", err, len(s.all()))
			}
			if _, temporary := errs.IsTemporary(err); temporary {
				t.Error("another try cannot help")
			}
		})
	}
	t.Run("RefusedUploadNamesItsReason", func(t *testing.T) {
		s := serve(t, says(400, graphError(131053, "")))
		_, err := upload(t, s, strings.NewReader("x"), 1, "image/png", "a")
		if !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
			t.Fatal(err)
		}
	})
	t.Run("AnswerWithoutIDIsAnError", func(t *testing.T) {
		s := serve(t, says(200, `{}`))
		if _, err := upload(t, s, strings.NewReader("x"), 1, "image/png", "a"); err == nil {
			t.Fatal("no error")
		}
	})
}

var errSource = errors.New("homeserver hung up")

// counting gives zeros and notes how much one read asked for.
type counting struct {
	left int64
	most *atomic.Int64
}

func (c *counting) Read(b []byte) (int, error) {
	c.most.Store(max(c.most.Load(), int64(len(b))))
	if c.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), c.left))
	clear(b[:n])
	c.left -= int64(n)
	return n, nil
}

func TestMediaInfo(t *testing.T) {
	s := serve(t, says(200, `{"messaging_product":"whatsapp","url":"https://lookaside.fbsbx.com/x","mime_type":"image/jpeg","sha256":"ab","file_size":"303833","id":"26"}`))
	got, err := s.client(t).MediaInfo(context.Background(), "26", ourNumber)
	if err != nil {
		t.Fatal(err)
	}
	is(t, got, graph.MediaInfo{ID: "26", URL: "https://lookaside.fbsbx.com/x", MIMEType: "image/jpeg", SHA256: "ab", Size: 303833})
	is(t, s.last(t).query, map[string][]string{"phone_number_id": {ourNumber}})
	if _, err := s.client(t).MediaInfo(context.Background(), "", ""); !errors.Is(err, errs.ErrInvalid) {
		t.Fatal(err)
	}
	t.Run("IDCannotLeaveItsPlaceInThePath", func(t *testing.T) {
		if _, err := s.client(t).MediaInfo(context.Background(), "../me?x=", ""); err != nil {
			t.Fatal(err)
		}
		is(t, []any{s.last(t).path, len(s.last(t).query)}, []any{"/v25.0/../me?x=", 0})
	})
}

func TestDeleteMedia(t *testing.T) {
	s := serve(t, says(200, `{"success":true}`))
	if err := s.client(t).DeleteMedia(context.Background(), "26", ""); err != nil {
		t.Fatal(err)
	}
	is(t, s.last(t).method+" "+s.last(t).path, "DELETE /v25.0/26")
}

// hosts carries requests for several hosts to one handler.
type hosts struct{ handler http.HandlerFunc }

func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answer{header: http.Header{}, status: 200}
	h.handler(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r}, nil
}

type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

func TestDownloadMedia(t *testing.T) {
	read := func(t *testing.T, c *graph.Client, address string) (string, int64, string, error) {
		t.Helper()
		body, size, mimeType, err := c.DownloadMedia(context.Background(), address)
		if err != nil {
			return "", 0, "", err
		}
		defer func() { _ = body.Close() }()
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(content), size, mimeType, nil
	}
	t.Run("FileWithSizeAndType", func(t *testing.T) {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "audio/ogg")
			_, _ = io.WriteString(w, "sound")
		})
		content, size, mimeType, err := read(t, s.client(t), s.URL+"/attachments/?mid=1")
		if err != nil {
			t.Fatal(err)
		}
		is(t, []any{content, size, mimeType}, []any{"sound", int64(5), "audio/ogg"})
		is(t, s.last(t).auth, "Bearer "+token)
		if !strings.HasPrefix(s.last(t).agent, "puente/") {
			t.Errorf("user agent %q", s.last(t).agent)
		}
	})
	t.Run("TokenGoesToMetaOnly", func(t *testing.T) {
		for address, want := range map[string]bool{
			"https://graph.facebook.com/x":               true,
			"https://lookaside.fbsbx.com/x":              true,
			"https://LOOKASIDE.FBSBX.COM/x":              true,
			"https://mmg.whatsapp.net/x":                 true,
			"https://scontent.facebook.com/x":            true,
			"https://fbsbx.com.evil.example/x":           false,
			"https://evilfbsbx.com/x":                    false,
			"https://evil.example/.fbsbx.com":            false,
			"https://lookaside.fbsbx.com@evil.example/x": false,
			"https://evil.example:443/x":                 false,
		} {
			var auth atomic.Value
			all := &http.Client{Transport: hosts{func(w http.ResponseWriter, r *http.Request) {
				auth.Store(r.Header.Get("Authorization"))
				_, _ = io.WriteString(w, "x")
			}}}
			c := graph.New(graph.Config{AccessToken: token, HTTPClient: all, Outside: all})
			if _, _, _, err := read(t, c, address); err != nil {
				t.Errorf("%s: %v", address, err)
			}
			if got := auth.Load() == "Bearer "+token; got != want {
				t.Errorf("%s got the token: %v", address, got)
			}
		}
	})
	t.Run("RedirectIsFollowedWithoutTheToken", func(t *testing.T) {
		var trail []string
		all := &http.Client{Transport: hosts{func(w http.ResponseWriter, r *http.Request) {
			trail = append(trail, fmt.Sprintf("%s %v", r.URL.Host, r.Header.Get("Authorization") != ""))
			switch r.URL.Host {
			case "lookaside.fbsbx.com":
				w.Header().Set("Location", "https://cdn.example/file")
				w.WriteHeader(302)
			case "cdn.example":
				_, _ = io.WriteString(w, "x")
			}
		}}}
		c := graph.New(graph.Config{AccessToken: token, HTTPClient: all, Outside: all})
		if _, _, _, err := read(t, c, "https://lookaside.fbsbx.com/a"); err != nil {
			t.Fatal(err)
		}
		is(t, trail, []string{"lookaside.fbsbx.com true", "cdn.example false"})
	})
	t.Run("NeitherAnAddressNorARedirectLeadsIntoAPrivateNetwork", func(t *testing.T) {
		private := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a private address was called") }))
		defer private.Close()
		s := serve(t, http.RedirectHandler(private.URL, http.StatusFound).ServeHTTP)
		for _, address := range []string{private.URL, s.URL, strings.Replace(private.URL, "127.0.0.1", "localhost", 1)} {
			if _, _, _, err := read(t, s.client(t), address); !errors.Is(err, guard.ErrPrivate) || !errors.Is(err, errs.ErrInvalid) {
				t.Errorf("%s: %v", address, err)
			}
		}
	})
	redirect := func(location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		}
	}
	for name, c := range map[string]struct {
		answer    http.HandlerFunc
		kind      error
		temporary bool
	}{
		"ExpiredAddress":    {says(404, ""), errs.ErrNotFound, false},
		"BadToken":          {says(401, graphError(190, "")), errs.ErrForbidden, false},
		"ServerDown":        {says(503, ""), nil, true},
		"EndlessRedirect":   {redirect("/again"), errs.ErrInvalid, false},
		"RedirectToNowhere": {redirect(""), errs.ErrInvalid, false},
		"RedirectToHTTP":    {redirect("http://cdn.example/x"), errs.ErrInvalid, false},
		"RedirectToAFile":   {redirect("file:///etc/passwd"), errs.ErrInvalid, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.answer)
			_, _, _, err := read(t, s.client(t), s.URL+"/a?hash=secret")
			if _, temporary := errs.IsTemporary(err); err == nil || c.kind != nil && !errors.Is(err, c.kind) || temporary != c.temporary {
				t.Fatalf("error %v, temporary %v", err, temporary)
			}
			if strings.Contains(err.Error(), "hash=secret") {
				t.Errorf("the error shows the address: %v", err)
			}
		})
	}
}

func TestHashMatches(t *testing.T) {
	sum := sha256.Sum256([]byte("picture"))
	for name, c := range map[string]struct {
		named string
		want  bool
	}{
		"Hex":       {hex.EncodeToString(sum[:]), true},
		"UpperHex":  {strings.ToUpper(hex.EncodeToString(sum[:])), true},
		"Base64":    {base64.StdEncoding.EncodeToString(sum[:]), true},
		"RawBase64": {base64.RawStdEncoding.EncodeToString(sum[:]), true},
		"URLBase64": {base64.URLEncoding.EncodeToString(sum[:]), true},
		"OtherHash": {hex.EncodeToString(make([]byte, 32)), false},
		"Empty":     {"", false},
		"Shortened": {hex.EncodeToString(sum[:16]), false},
	} {
		t.Run(name, func(t *testing.T) { is(t, graph.HashMatches(sum, c.named), c.want) })
	}
}

func TestRuleFor(t *testing.T) {
	for mimeType, want := range map[string]graph.MediaRule{
		"image/jpeg": {"image", 5 << 20}, "IMAGE/PNG": {"image", 5 << 20}, "video/mp4": {"video", 16 << 20},
		"audio/ogg; codecs=opus": {"audio", 16 << 20}, "image/webp": {"sticker", 500 << 10},
		"application/pdf": {"document", 100 << 20}, "image/gif": {"document", 100 << 20},
	} {
		got, listed := graph.RuleFor(mimeType)
		if got != want || listed == (mimeType == "image/gif") {
			t.Errorf("%s: %+v, listed %v", mimeType, got, listed)
		}
	}
}
