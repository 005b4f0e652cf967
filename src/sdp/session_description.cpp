#include "sdp/session_description.h"

namespace sidetone::sdp {
namespace {

Direction direction_from(bool sending, bool receiving) {
  if (sending) return receiving ? Direction::sendrecv : Direction::sendonly;
  return receiving ? Direction::recvonly : Direction::inactive;
}

const std::string* first_named(const std::vector<Attribute>& attributes, std::string_view name) {
  for (const auto& attribute : attributes)
    if (attribute.name == name) return &attribute.value;
  return nullptr;
}

}  // namespace

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::sendrecv: return "sendrecv";
    case Direction::sendonly: return "sendonly";
    case Direction::recvonly: return "recvonly";
    case Direction::inactive: return "inactive";
  }
  return "inactive";
}

Direction reversed(Direction direction) { return direction_from(receives(direction), sends(direction)); }

Direction intersect(Direction a, Direction b) {
  return direction_from(sends(a) && sends(b), receives(a) && receives(b));
}

const std::string* MediaDescription::attribute(std::string_view name) const {
  return first_named(attributes, name);
}

const std::string* SessionDescription::attribute(std::string_view wanted) const {
  return first_named(attributes, wanted);
}

Direction SessionDescription::direction_of(const MediaDescription& of) const {
  // RFC 8866 §6.7: sendrecv is meant when neither level says anything.
  return of.direction.value_or(direction.value_or(Direction::sendrecv));
}

const Connection* SessionDescription::connection_of(const MediaDescription& of) const {
  if (of.connection) return &*of.connection;
  return connection ? &*connection : nullptr;
}

}  // namespace sidetone::sdp
