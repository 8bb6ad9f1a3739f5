package rows

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// A spool holds encoded rows in memory, and what is too much for it in a file.
type spool struct {
	last []byte // rows that are not in the file
	file *os.File
	size int64 // of the file
}

// spoolMemory is how many bytes of a table are kept in memory.
const spoolMemory = 1 << 20

// add appends an encoded row, with its length before it.
func (s *spool) add(record []byte) error {
	s.last = binary.AppendUvarint(s.last, uint64(len(record)))
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
	row, record := make(Row, columns), []byte{}
	for {
		n, err := binary.ReadUvarint(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && n > uint64(s.size)+uint64(len(s.last)) {
			err = errSpoiled
		}
		if err == nil {
			record = slices.Grow(record[:0], int(n))[:n]
			_, err = io.ReadFull(r, record)
		}
		if err == nil {
			err = decode(string(record), row)
		}
		if err != nil {
			return fmt.Errorf("read kept rows: %w", err)
		}
		if err := f(row); err != nil {
			return err
		}
	}
}

// errSpoiled is what somebody else has written into the file.
var errSpoiled = errors.New("they are not what was written")

// decode reads one row, whose values are parts of its record.
func decode(record string, row Row) error {
	for i := range row {
		if record == "" {
			return errSpoiled
		}
		row[i] = Value{Kind: Kind(record[0])}
		record = record[1:]
		if row[i].Kind == Null {
			continue
		}
		n, digits := uvarint(record)
		if digits <= 0 || n > uint64(len(record)-digits) {
			return errSpoiled
		}
		row[i].Text, record = record[digits:digits+int(n)], record[digits+int(n):]
	}
	if record != "" {
		return errSpoiled
	}
	return nil
}

// uvarint is [binary.Uvarint] of a string.
func uvarint(text string) (uint64, int) {
	var digits [binary.MaxVarintLen64]byte
	return binary.Uvarint(digits[:copy(digits[:], text)])
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
