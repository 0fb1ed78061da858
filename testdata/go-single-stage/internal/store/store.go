// Package store keeps links in memory.
package store

import (
	"sync"

	"github.com/google/uuid"
)

// Links maps an id to the address that it stands for.
type Links struct {
	mu  sync.Mutex
	all map[string]string
}

// New makes an empty store.
func New() *Links { return &Links{all: map[string]string{}} }

// Add stores an address and returns its new id.
func (l *Links) Add(url string) string {
	id := uuid.NewString()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[id] = url
	return id
}

// Get finds an address by its id.
func (l *Links) Get(id string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	url, ok := l.all[id]
	return url, ok
}
