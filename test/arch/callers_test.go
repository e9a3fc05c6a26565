package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// function is one of a package's, with what is known of the types in it without a compiler.
type function struct {
	file, receiver, name string
	params               *ast.FieldList
	body                 *ast.BlockStmt
	types                map[string]string // of its receiver, parameters and variables, as far as they say it themselves
	source               *ast.File
}

func (f *function) String() string {
	if f.receiver == "" {
		return f.file + " " + f.name
	}
	return f.file + " " + f.receiver + "." + f.name
}

// pack is a package as it is written.
type pack struct {
	functions []*function
	fields    map[string][]string // a field's name → the types that fields of this name have
}

// read parses the product's files of a folder, without what lies below it.
func read(t *testing.T, folder string) *pack {
	t.Helper()
	files, err := goFiles("../..")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]any{}
	for _, name := range files {
		if path.Dir(name) == folder && !strings.HasSuffix(name, "_test.go") {
			sources[name] = nil
		}
	}
	return parse(t, sources)
}

// parse parses files; a source is as in parser.ParseFile.
func parse(t *testing.T, sources map[string]any) *pack {
	t.Helper()
	p := &pack{fields: map[string][]string{}}
	var declared []*ast.FuncDecl
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		file, err := parser.ParseFile(token.NewFileSet(), "../../"+name, sources[name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range file.Decls {
			if f, ok := one.(*ast.FuncDecl); ok && f.Body != nil {
				declared = append(declared, f)
				p.functions = append(p.functions, &function{
					file: name, receiver: receiverOf(f), name: f.Name.Name, params: f.Type.Params, body: f.Body, types: map[string]string{}, source: file,
				})
			}
		}
		p.noteFields(file)
	}
	if len(declared) == 0 {
		t.Fatalf("no functions in %d files", len(sources))
	}
	for i, f := range p.functions {
		p.noteTypes(f, declared[i], declared)
	}
	return p
}

func receiverOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	return typeName(f.Recv.List[0].Type)
}

// typeName is the name of a type of the package, with or without a star; empty for any other.
func typeName(of ast.Expr) string {
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

func (p *pack) noteFields(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		if made, ok := node.(*ast.StructType); ok {
			for _, field := range made.Fields.List {
				for _, name := range field.Names {
					if of := typeName(field.Type); !slices.Contains(p.fields[name.Name], of) {
						p.fields[name.Name] = append(p.fields[name.Name], of)
					}
				}
			}
		}
		return true
	})
}

// noteTypes notes what a function says of the types of its names: in its head, in those of its closures, and where it makes
// something.
func (p *pack) noteTypes(f *function, of *ast.FuncDecl, all []*ast.FuncDecl) {
	f.noteList(of.Recv)
	f.noteList(of.Type.Params)
	ast.Inspect(of.Body, func(node ast.Node) bool {
		switch one := node.(type) {
		case *ast.FuncLit:
			f.noteList(one.Type.Params)
		case *ast.AssignStmt:
			name, ok := one.Lhs[0].(*ast.Ident)
			if made := madeBy(one.Rhs[0], all); ok && one.Tok == token.DEFINE && made != "" {
				f.note(name.Name, made)
			}
		}
		return true
	})
}

func (f *function) noteList(list *ast.FieldList) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			f.note(name.Name, typeName(field.Type))
		}
	}
}

// several stands for a name that has more than one type in a function.
const several = "?"

func (f *function) note(name, of string) {
	if known, ok := f.types[name]; ok && known != of {
		of = several
	}
	f.types[name] = of
}

// madeBy is the type of what an expression makes; empty if it does not say.
func madeBy(expression ast.Expr, all []*ast.FuncDecl) string {
	if address, ok := expression.(*ast.UnaryExpr); ok {
		expression = address.X
	}
	switch made := expression.(type) {
	case *ast.CompositeLit:
		return typeName(made.Type)
	case *ast.CallExpr:
		var found []string
		for _, f := range all {
			if f.Name.Name == lastName(made.Fun) && f.Type.Results != nil {
				found = append(found, typeName(f.Type.Results.List[0].Type))
			}
		}
		if len(found) > 0 && !slices.ContainsFunc(found, func(other string) bool { return other != found[0] }) {
			return found[0]
		}
	}
	return ""
}

// lastName is the last name of a.b.c.
func lastName(of ast.Expr) string {
	switch one := of.(type) {
	case *ast.Ident:
		return one.Name
	case *ast.SelectorExpr:
		return one.Sel.Name
	}
	return ""
}

// users are the functions that call one, or hand it on, as far as names tell: where a type is not known, all methods of a
// name may be meant.
func (p *pack) users(of *function) (list []*function) {
	for _, f := range p.functions {
		uses := false
		ast.Inspect(f.body, func(node ast.Node) bool {
			switch one := node.(type) {
			case *ast.SelectorExpr:
				uses = uses || of.receiver != "" && one.Sel.Name == of.name && p.mayBe(f, one.X, of.receiver)
			case *ast.Ident:
				uses = uses || of.receiver == "" && one.Name == of.name && f.types[one.Name] == ""
			}
			return !uses
		})
		if uses {
			list = append(list, f)
		}
	}
	return list
}

// mayBe tells whether an expression in a function may be of a type of the package.
func (p *pack) mayBe(f *function, expression ast.Expr, of string) bool {
	switch one := expression.(type) {
	case *ast.Ident:
		known, ok := f.types[one.Name]
		return !ok || known == several || known == of
	case *ast.SelectorExpr:
		known, ok := p.fields[one.Sel.Name]
		return !ok || slices.Contains(known, of)
	}
	return true
}

// leading are the functions from which a way leads to one of the given ones, those included. ends tells which ways need not
// be followed further back.
func (p *pack) leading(to []*function, ends func(*function) bool) (list []*function) {
	list = slices.Clone(to)
	for i := 0; i < len(list); i++ {
		if ends(list[i]) {
			continue
		}
		for _, user := range p.users(list[i]) {
			if !slices.Contains(list, user) {
				list = append(list, user)
			}
		}
	}
	return list
}
