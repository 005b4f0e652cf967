// The one implementation behind StreamConnection, shared by connect() and the listener.
#pragma once

#include <memory>

#include "net/socket.h"
#include "net/stream_socket.h"

namespace sidetone::net {

// An accepted, non-blocking socket.
std::unique_ptr<StreamConnection> adopt_connection(boost::asio::io_context& io, Descriptor socket,
                                                   const Address& remote);

}  // namespace sidetone::net
