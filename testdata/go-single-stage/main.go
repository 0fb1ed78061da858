package main

import (
	"log"
	"net/http"

	"example.com/linkd/internal/store"
)

func main() {
	links := store.New()
	http.HandleFunc("POST /links", func(w http.ResponseWriter, r *http.Request) {
		id := links.Add(r.FormValue("url"))
		w.Write([]byte(id + "\n"))
	})
	http.HandleFunc("GET /{id}", func(w http.ResponseWriter, r *http.Request) {
		url, ok := links.Get(r.PathValue("id"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.Redirect(w, r, url, http.StatusFound)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
