// A web server that answers every request with what it knows of itself and of the request, one fact per line.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"sort"
	"time"
)

func main() {
	address := flag.String("listen", ":80", "address and port to listen on")
	flag.Parse()
	hostname, err := os.Hostname()
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr:              *address,
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			response.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprintf(response, "Hostname: %s\nRemoteAddr: %s\n", hostname, request.RemoteAddr)
			fmt.Fprintf(response, "%s %s %s\nHost: %s\n", request.Method, request.URL, request.Proto, request.Host)
			names := make([]string, 0, len(request.Header))
			for name := range request.Header {
				names = append(names, name)
			}
			sort.Strings(names)
			for _, name := range names {
				for _, value := range request.Header[name] {
					fmt.Fprintf(response, "%s: %s\n", name, value)
				}
			}
		}),
	}
	log.Fatal(server.ListenAndServe())
}
