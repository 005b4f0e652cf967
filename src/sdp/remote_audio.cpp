#include "sdp/remote_audio.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sidetone::sdp {
namespace {

using std::chrono::milliseconds;

bool is_multicast(const IpAddress& ip) {
  return ip.is_v4() ? ip.bytes[0] >= 224 && ip.bytes[0] <= 239 : ip.bytes[0] == 0xff;
}

// Whole milliseconds; "20.0" is read as 20. Above two seconds nobody means it.
std::optional<milliseconds> time_attribute(const MediaDescription& media, std::string_view name) {
  const auto* value = media.attribute(name);
  if (!value) return std::nullopt;
  auto text = trim(*value);
  const auto number = parse_number<unsigned>(take_until(text, '.'));
  if (!number || *number == 0 || *number > 2000) return std::nullopt;
  return milliseconds{*number};
}

bool forbids_media(const std::vector<Bandwidth>& bandwidths) {
  for (const auto& bandwidth : bandwidths)
    if (bandwidth.value == 0 && (bandwidth.type == "AS" || bandwidth.type == "TIAS")) return true;
  return false;
}

// RFC 3605: "port [IN IP4 address]". What cannot be read leaves the next port.
Address rtcp_address(const MediaDescription& media, Address rtp) {
  Address rtcp{rtp.ip, static_cast<std::uint16_t>(rtp.port < 65535 ? rtp.port + 1 : 0)};
  const auto* attribute = media.attribute("rtcp");
  if (!attribute) return rtcp;
  auto text = trim(*attribute);
  const auto port = parse_number<std::uint16_t>(take_until(text, ' '));
  if (!port) return rtcp;
  rtcp.port = *port;
  // Behind "IN IP4" or "IN IP6", which tell nothing that the address itself does not.
  const auto last = text.rfind(' ');
  if (last == std::string_view::npos) return rtcp;
  if (const auto ip = IpAddress::parse(text.substr(last + 1)); ip && !ip->is_unspecified()) rtcp.ip = *ip;
  return rtcp;
}

// RFC 3611 §5.1: a media's attribute replaces the session's. One without words asks for nothing.
void read_extended_reports(const SessionDescription& description, const MediaDescription& media,
                           RemoteAudio& remote) {
  const auto* said = media.attribute("rtcp-xr");
  if (!said) said = description.attribute("rtcp-xr");
  if (!said) return;
  remote.knows_extended_reports = true;
  for (std::string_view rest = *said; !rest.empty();)
    if (trim(take_until(rest, ' ')) == "voip-metrics") remote.wants_voip_metrics = true;
}

}  // namespace

Expected<RemoteAudio> remote_audio(const SessionDescription& description, const MediaDescription& media) {
  const auto* connection = description.connection_of(media);
  if (!connection)
    return fail(Layer::sdp, Fault::syntax, fmt::format("the SDP has no c= line for m={}", media.kind));
  RemoteAudio remote;
  remote.direction = description.direction_of(media);
  std::string_view address = connection->address;
  const auto ip = IpAddress::parse(take_until(address, '/'));  // multicast has "/ttl" behind it
  if (ip) {
    remote.nowhere = ip->is_unspecified();
    remote.multicast = is_multicast(*ip);
    remote.rtp = {*ip, media.port};
  }
  if (remote.nowhere) remote.direction = intersect(remote.direction, Direction::sendonly);
  remote.rtcp_mux = media.attribute("rtcp-mux") != nullptr;
  read_extended_reports(description, media, remote);
  remote.rtcp = rtcp_address(media, remote.rtp);
  remote.no_bandwidth = forbids_media(media.bandwidths) || forbids_media(description.bandwidths);
  remote.ptime = time_attribute(media, "ptime");
  remote.maxptime = time_attribute(media, "maxptime");
  return remote;
}

}  // namespace sidetone::sdp
