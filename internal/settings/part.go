package settings

import "deals.example/internal/platform"

// PartURL declares the URL of a part of the platform. Variable and default come from the table in internal/platform; the help is the name.
func (s *Set) PartURL(into *string, name string) *Text {
	part, _ := platform.Named(name)
	url := s.URL(into, part.URLVar, platform.URL(name))
	url.Help(name)
	return url
}

// ReplicaURLs declares the list of URLs of a service's replicas, in one variable.
func (s *Set) ReplicaURLs(into *[]string, service, help string) {
	replicas := platform.Replicas(service)
	part, _ := platform.Named(replicas[0])
	urls := make([]string, len(replicas))
	for i, name := range replicas {
		urls[i] = platform.URL(name)
	}
	s.URLs(into, part.URLVar, urls...).Help(help)
}
