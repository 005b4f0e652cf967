// libsidetone has no code of its own: it is the engine room and all below it, as one shared object.
