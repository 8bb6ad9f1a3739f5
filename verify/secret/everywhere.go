package secret

import (
	"reflect"
)

// HideIn takes passwords out of all texts of a value, given by its address: those that
// are given and all that [secret.Hide] tells.
func HideIn(value any, known ...string) { hideIn(reflect.ValueOf(value).Elem(), known) }

var textType = reflect.TypeFor[string]()

// hideIn goes through what other packages can see. A text with a type of its own, as
// a rule or a severity, is one of a few.
func hideIn(v reflect.Value, known []string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == textType && v.CanSet() && v.Len() > 0 {
			v.SetString(Hide(v.String(), known...))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			hideIn(v.Elem(), known)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			hideIn(v.Index(i), known)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			of := reflect.New(v.Type().Elem()).Elem()
			of.Set(v.MapIndex(key))
			hideIn(of, known)
			v.SetMapIndex(key, of)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				hideIn(v.Field(i), known)
			}
		}
	}
}

// Hidden takes passwords out of what a call returns.
func Hidden(err *error, known []string, values ...any) {
	for _, v := range values {
		HideIn(v, known...)
	}
	*err = Error(*err, known...)
}
