/**
 * From a name or a directory to local files.
 *
 * <p>Start with {@link org.lens4j.hub.ModelFiles}. May import error. The embedded model and directories so far; nothing here
 * opens a socket.
 */
@NullMarked
package org.lens4j.hub;

import org.jspecify.annotations.NullMarked;
