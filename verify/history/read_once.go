package history

import (
	"io/fs"
	"sync"
)

// A onceFolder is a folder of which each list and each text is read a single time.
type onceFolder struct {
	fs.FS
	mutex sync.Mutex
	lists map[string]func() ([]fs.DirEntry, error)
	texts map[string]func() ([]byte, error)
}

var (
	_ fs.ReadDirFS  = (*onceFolder)(nil)
	_ fs.ReadLinkFS = (*onceFolder)(nil)
)

// readOnce is a folder that is read once; one that is already is given back.
func readOnce(folder fs.FS) fs.FS {
	if _, ok := folder.(*onceFolder); ok {
		return folder
	}
	return &onceFolder{FS: folder, lists: map[string]func() ([]fs.DirEntry, error){}, texts: map[string]func() ([]byte, error){}}
}

// kept is the value of a key, which make gives it at the first question.
func kept[V any](f *onceFolder, of map[string]func() (V, error), key string, read func() (V, error)) (V, error) {
	f.mutex.Lock()
	if of[key] == nil {
		of[key] = sync.OnceValues(read)
	}
	once := of[key]
	f.mutex.Unlock()
	return once()
}

func (f *onceFolder) ReadDir(name string) ([]fs.DirEntry, error) {
	return kept(f, f.lists, name, func() ([]fs.DirEntry, error) { return fs.ReadDir(f.FS, name) })
}

func (f *onceFolder) plain(name string) ([]byte, error) {
	return kept(f, f.texts, name, func() ([]byte, error) { return readPlain(f.FS, name) })
}

func (f *onceFolder) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }

func (f *onceFolder) ReadLink(name string) (string, error) { return fs.ReadLink(f.FS, name) }

func (f *onceFolder) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(f.FS, name) }
