package rows

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// A spool holds encoded rows in memory, and what is too much for it in a file.
type spool struct {
	last []byte // rows that are not in the file
	file *os.File
	size int64 // of the file
}

// spoolMemory is how many bytes of a table are kept in memory.
const spoolMemory = 1 << 20

// add appends an encoded row.
func (s *spool) add(record []byte) error {
	s.last = append(s.last, record...)
	if len(s.last) < spoolMemory {
		return nil
	}
	if s.file == nil {
		file, err := os.CreateTemp("", "handrail-rows-")
		if err != nil {
			return fmt.Errorf("keep rows: %w", err)
		}
		s.file = file
		_ = os.Remove(file.Name()) // so that nothing stays after a crash; Windows refuses, and close does it
	}
	n, err := s.file.WriteAt(s.last, s.size)
	s.size += int64(n)
	s.last = s.last[:0]
	return err
}

// encode appends the form that a row has in a spool.
func encode(record []byte, row Row) []byte {
	for _, v := range row {
		record = append(record, byte(v.Kind))
		if v.Kind != Null {
			record = binary.AppendUvarint(record, uint64(len(v.Text)))
			record = append(record, v.Text...)
		}
	}
	return record
}

// each decodes the rows, which have so many columns.
func (s *spool) each(columns int, f func(Row) error) error {
	var in io.Reader = bytes.NewReader(s.last)
	if s.file != nil {
		in = io.MultiReader(io.NewSectionReader(s.file, 0, s.size), in)
	}
	r := bufio.NewReaderSize(in, 1<<16)
	row := make(Row, columns)
	for {
		switch err := decode(r, row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read kept rows: %w", err)
		}
		if err := f(row); err != nil {
			return err
		}
	}
}

// decode reads one row; it is io.EOF where there is none.
func decode(r *bufio.Reader, row Row) error {
	if len(row) == 0 {
		return io.EOF
	}
	for i := range row {
		kind, err := r.ReadByte()
		if err != nil {
			return unexpected(err, i > 0)
		}
		row[i] = Value{Kind: Kind(kind)}
		if row[i].Kind == Null {
			continue
		}
		n, err := binary.ReadUvarint(r)
		if err != nil {
			return unexpected(err, true)
		}
		text := make([]byte, n)
		if _, err := io.ReadFull(r, text); err != nil {
			return unexpected(err, true)
		}
		row[i].Text = string(text)
	}
	return nil
}

// unexpected is an end in the middle of a row.
func unexpected(err error, inside bool) error {
	if inside && errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	name, err := s.file.Name(), s.file.Close()
	if e := os.Remove(name); e != nil && !errors.Is(e, os.ErrNotExist) {
		err = errors.Join(err, e)
	}
	*s = spool{}
	return err
}
