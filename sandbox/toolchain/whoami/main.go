// A web server that answers every request with what it knows of itself and of the request, one fact per line, like the
// program of this name of Traefik's makers.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sort"
	"time"
)

func main() {
	port := flag.String("port", fromEnvironment("WHOAMI_PORT_NUMBER", "80"), "port to listen on")
	flag.Parse()
	routes := http.NewServeMux()
	routes.HandleFunc("/", describe)
	routes.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	server := &http.Server{Addr: ":" + *port, ReadHeaderTimeout: 10 * time.Second, Handler: routes}
	log.Fatal(server.ListenAndServe())
}

func fromEnvironment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// describe answers at once, or with ?wait=5s after that time.
func describe(response http.ResponseWriter, request *http.Request) {
	if wait, err := time.ParseDuration(request.URL.Query().Get("wait")); err == nil {
		time.Sleep(wait)
	}
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	hostname, _ := os.Hostname()
	fmt.Fprintf(response, "Hostname: %s\n", hostname)
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok {
			fmt.Fprintf(response, "IP: %s\n", network.IP)
		}
	}
	fmt.Fprintf(response, "RemoteAddr: %s\n", request.RemoteAddr)
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
}
