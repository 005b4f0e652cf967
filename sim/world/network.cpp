#include "sim/network.h"

#include <algorithm>

#include "sim/node.h"

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {
constexpr Duration ephemeral_retry = seconds(1);
// A stalled stream is given up by the kernels of both sides after a while; theirs takes minutes, ours fits
// into a short simulation.
constexpr int stall_s_max = 25;
constexpr int open_attempts_max = 4;
}  // namespace

void Network::attach(IpAddress ip, LinkQuality quality) { links_[ip].quality = quality; }
void Network::bind_udp(Address local, Node& node, sip::SocketId socket) { udp_[local] = {&node, socket}; }
void Network::listen(Address local, Node& node, sip::SocketId socket) { listeners_[local] = {&node, socket}; }

void Network::set_cut(IpAddress ip, bool cut, Time now) {
  auto& at = link(ip);
  if (!cut)
    at.cut_since.reset();
  else if (!at.cut_since)
    at.cut_since = now;
  link(ip).last_fault = now;
}
void Network::set_extra_loss(IpAddress ip, double loss, Time now) {
  link(ip).extra_loss = loss;
  link(ip).last_fault = now;
}
void Network::set_extra_delay(IpAddress ip, Duration delay, Time now) {
  link(ip).extra_delay = delay;
  link(ip).last_fault = now;
}

void Network::set_ill(IpAddress ip, bool ill, Time now) {
  link(ip).ills += ill ? 1 : -1;
  link(ip).last_fault = now;
}
void Network::set_blocked(IpAddress from, IpAddress to, bool blocked, Time now) {
  auto& path = paths_[{from, to}];
  path.blocks += blocked ? 1 : -1;
  path.last_fault = now;
}

std::optional<Time> Network::well_since(IpAddress ip) const {
  const auto& at = links_.at(ip);
  if (at.faulty()) return std::nullopt;
  return at.last_fault;
}

std::optional<Time> Network::well_since(IpAddress a, IpAddress b) const {
  const auto one = well_since(a), other = well_since(b);
  if (!one || !other) return std::nullopt;
  Time since = std::max(*one, *other);
  for (const auto& way : {std::pair(a, b), std::pair(b, a)})
    if (const auto path = paths_.find(way); path != paths_.end()) {
      if (path->second.blocks > 0) return std::nullopt;
      since = std::max(since, path->second.last_fault);
    }
  return since;
}

bool Network::is_cut(IpAddress from, IpAddress to) const {
  if (links_.at(from).cut_since || links_.at(to).cut_since) return true;
  if (paths_.empty()) return false;
  const auto path = paths_.find({from, to});
  return path != paths_.end() && path->second.blocks > 0;
}

std::optional<Time> Network::cut_since(IpAddress ip) const { return links_.at(ip).cut_since; }

Duration Network::transit(IpAddress a, IpAddress b) {
  Duration total{0};
  for (const auto ip : {a, b}) {
    const auto& at = link(ip);
    total += at.quality.delay + at.extra_delay;
    if (at.quality.jitter > Duration::zero())
      total += Duration(random_.below(static_cast<std::uint64_t>(at.quality.jitter.count())));
  }
  return total;
}

std::optional<Time> Network::packet_arrival(IpAddress from, IpAddress to, Time now) {
  if (links_.count(to) == 0 || is_cut(from, to)) return std::nullopt;
  for (const auto ip : {from, to})
    if (random_.chance(link(ip).quality.loss) || random_.chance(link(ip).extra_loss)) return std::nullopt;
  return now + transit(from, to);
}

void Network::datagram(Node& from, sip::SocketId socket, Address local, Address to, sip::Bytes bytes,
                       Time now) {
  ++counters_.datagrams;
  if (tap) tap(local.ip, to.ip, bytes, now);
  const auto& quality = link(from.ip()).quality;
  const Fate destined = fate ? fate() : Fate{};
  if (destined.send_fails)
    queue_.at(now, [&from, socket, to](Time when) { from.unreachable(socket, to, when); });
  const int copies = random_.chance(quality.duplicate) ? 2 : destined.copies;
  counters_.doubled += copies == 2 ? 1U : 0U;
  for (int copy = 0; copy < copies; ++copy) {
    auto arrival = packet_arrival(local.ip, to.ip, now);
    if (!arrival) {
      ++counters_.lost;
      continue;
    }
    *arrival += destined.delay;
    if (random_.chance(quality.reorder)) {  // a detour: later ones overtake it
      *arrival += milliseconds(20 + random_.below(400));
      ++counters_.overtaken;
    }
    if (udp_.count(to) != 0) {
      deliver(local, to, bytes, *arrival);
    } else if (copy == 0) {
      queue_.at(*arrival + transit(local.ip, to.ip),
                [&from, socket, to](Time when) { from.unreachable(socket, to, when); });
    }
  }
}

void Network::deliver(Address from, Address to, const sip::Bytes& bytes, Time when) {
  queue_.at(when, [this, from, to, bytes](Time now) {
    if (is_cut(from.ip, to.ip)) return;  // the cable was pulled while it was on its way
    const auto port = udp_.find(to);
    if (port == udp_.end()) return;
    trace_.delivered(now, *bytes);
    port->second.node->datagram(port->second.socket, from, *bytes, now);
  });
}

bool Network::inject(Address from, Address to, std::string bytes, Time now) {
  const auto port = udp_.find(to);
  if (port == udp_.end() || links_.at(to.ip).cut_since) return false;
  trace_.delivered(now, bytes);
  port->second.node->datagram(port->second.socket, from, bytes, now);
  return true;
}

std::pair<Network::StreamPtr, int> Network::find(const Node& node, sip::ConnectionId id) const {
  const auto found = streams_.find({node.ip(), id});
  return found == streams_.end() ? std::pair<StreamPtr, int>{} : found->second;
}

void Network::open(Node& from, sip::ConnectionId connection, Address local, Address to, Time now) {
  auto stream = std::make_shared<Stream>();
  stream->ends[0].node = &from;
  stream->ends[0].id = connection;
  stream->ends[0].ip = from.ip();
  stream->ends[1].ip = to.ip;
  streams_[{from.ip(), connection}] = {stream, 0};
  local.port = ++ephemeral_port_;
  if (ephemeral_port_ > 60000) ephemeral_port_ = 20000;
  ++counters_.streams;
  try_open(stream, local, to, 1, now);
}

void Network::try_open(const StreamPtr& stream, Address local, Address to, int attempt, Time now) {
  const bool known = links_.count(to.ip) != 0;
  if (!known || stalls(local.ip, to.ip)) {
    queue_.at(now + ephemeral_retry * attempt, [this, stream, local, to, attempt](Time when) {
      if (stream->broken) return;
      if (attempt >= open_attempts_max)
        break_stream(stream, "connection timed out", when);
      else
        try_open(stream, local, to, attempt + 1, when);
    });
    return;
  }
  const auto arrival = now + transit(local.ip, to.ip);
  queue_.at(arrival, [this, stream, local, to](Time when) {
    if (stream->broken) return;
    const auto listener = listeners_.find(to);
    if (listener == listeners_.end()) return break_stream(stream, "connection refused", when);
    Node& node = *listener->second.node;
    const auto id = node.accepted(listener->second.socket, to, local, when);
    if (!id) return break_stream(stream, "connection refused", when);
    stream->ends[1].node = &node;
    stream->ends[1].id = id;
    streams_[{node.ip(), id}] = {stream, 1};
    queue_.at(when + transit(local.ip, to.ip), [this, stream, local, to](Time later) {
      if (stream->broken) return;
      stream->open = true;
      stream->ends[0].node->opened(stream->ends[0].id, local, to, later);
      for (const int side : {0, 1}) move_on(stream, side, 0, later);
    });
  });
}

void Network::stream(Node& from, sip::ConnectionId connection, sip::Bytes bytes, Time now) {
  const auto [stream, side] = find(from, connection);
  if (!stream || stream->broken) return;
  if (tap) tap(from.ip(), stream->ends[1 - side].ip, bytes, now);
  stream->ends[side].outgoing.push_back(std::move(bytes));
  move_on(stream, side, 0, now);
}

// One piece at a time and direction, so that bytes stay in order however the delays fall.
void Network::move_on(const StreamPtr& stream, int side, int stalled_s, Time now) {
  End& end = stream->ends[side];
  End& other = stream->ends[1 - side];
  if (stream->broken || !stream->open || (end.moving && stalled_s == 0) || end.outgoing.empty()) return;
  end.moving = true;
  if (stalls(end.ip, other.ip)) {
    if (stalled_s >= stall_s_max) return break_stream(stream, "connection timed out", now);
    queue_.at(now + ephemeral_retry,
              [this, stream, side, stalled_s](Time when) { move_on(stream, side, stalled_s + 1, when); });
    return;
  }
  Duration delay = transit(end.ip, other.ip);
  const double loss = std::max(link(end.ip).extra_loss, link(other.ip).extra_loss);
  while (random_.chance(loss) && delay < seconds(10)) delay += milliseconds(300);  // TCP sends it again
  queue_.at(now + delay, [this, stream, side](Time when) {
    if (stream->broken) return;
    End& sender = stream->ends[side];
    End& receiver = stream->ends[1 - side];
    const sip::Bytes bytes = std::move(sender.outgoing.front());
    sender.outgoing.pop_front();
    sender.moving = false;
    if (receiver.forgotten) return break_stream(stream, "connection reset", when);
    trace_.delivered(when, *bytes);
    // Streams have no message borders: now and then a message comes in two pieces.
    const std::string_view all = *bytes;
    const auto border = random_.chance(0.1) ? random_.below(all.size() + 1) : all.size();
    receiver.node->stream_data(receiver.id, all.substr(0, border), when);
    if (border < all.size() && !stream->broken)
      receiver.node->stream_data(receiver.id, all.substr(border), when);
    move_on(stream, side, 0, when);
  });
}

void Network::break_stream(const StreamPtr& stream, std::string_view why, Time now) {
  if (std::exchange(stream->broken, true)) return;
  ++counters_.breaks;
  for (auto& end : stream->ends) {
    if (!end.node || end.forgotten) continue;
    streams_.erase({end.ip, end.id});
    queue_.at(now, [node = end.node, id = end.id, why](Time when) { node->closed(id, why, when); });
  }
}

void Network::close(Node& from, sip::ConnectionId connection, Time now) {
  const auto [stream, side] = find(from, connection);
  if (!stream || std::exchange(stream->broken, true)) return;
  streams_.erase({from.ip(), connection});
  End& other = stream->ends[1 - side];
  if (!other.node || other.forgotten) return;
  streams_.erase({other.ip, other.id});
  queue_.at(now + transit(from.ip(), other.ip),
            [node = other.node, id = other.id, life = other.node->life()](Time when) {
              if (node->life() == life) node->closed(id, "closed by peer", when);
            });
}

void Network::unbind(IpAddress ip, bool told, Time now) {
  std::erase_if(udp_, [ip](const auto& port) { return port.first.ip == ip; });
  std::erase_if(listeners_, [ip](const auto& port) { return port.first.ip == ip; });
  std::vector<std::pair<StreamPtr, int>> hit;
  for (const auto& [key, value] : streams_)
    if (key.first == ip) hit.push_back(value);
  for (const auto& [stream, side] : hit) {
    streams_.erase({ip, stream->ends[side].id});
    stream->ends[side].forgotten = true;
    if (told || !stream->open) break_stream(stream, "connection reset", now);
  }
}

void Network::reset_streams(IpAddress ip, Time now) {
  std::vector<StreamPtr> hit;
  for (const auto& [key, value] : streams_)
    if (key.first == ip) hit.push_back(value.first);
  for (const auto& stream : hit) break_stream(stream, "connection reset", now);
  link(ip).last_fault = now;
}

}  // namespace sidetone::sim
