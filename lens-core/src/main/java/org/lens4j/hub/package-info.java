/**
 * From a name or a directory to local files; the network only where something is missing and nobody forbids it.
 *
 * <p>Start with {@link org.lens4j.hub.ModelFiles} and {@link org.lens4j.hub.HubOptions}. Then {@code Locator} (cache first),
 * {@code Fetch} (which files), {@code Download} (one file, whole or not at all), {@code Hub} and {@code Http} (what goes over
 * the network), {@code HubCache} and {@code CachedModel} (the layout on disk). May import error.
 */
@NullMarked
package org.lens4j.hub;

import org.jspecify.annotations.NullMarked;
