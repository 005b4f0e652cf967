#include "sip/registration/service_route.h"

#include "sip/message/headers.h"

namespace sidetone::sip {

std::vector<std::string> service_route_of(const Message& response) {
  std::vector<std::string> routes;
  for (const auto value : response.values(HeaderId::service_route)) {
    const auto route = NameAddr::parse(value);
    if (!route || route->is_star || routes.size() == service_routes_max) return {};
    const bool is_sip = route->uri.scheme == Uri::Scheme::sip || route->uri.scheme == Uri::Scheme::sips;
    if (!is_sip || !route->uri.is_loose_route()) return {};
    routes.emplace_back(value);
  }
  return routes;
}

}  // namespace sidetone::sip
