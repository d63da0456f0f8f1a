/**
 * Notebooks as files: read, run, write, and turn into a page. Start with {@link
 * org.lens4j.kernel.notebook.Notebook}, then {@link org.lens4j.kernel.notebook.NotebookRunner} and {@link
 * org.lens4j.kernel.notebook.NotebookHtml}.
 *
 * <p>May import {@code error} and {@code kernel.client}. Knows nothing of models.
 */
@NullMarked
package org.lens4j.kernel.notebook;

import org.jspecify.annotations.NullMarked;
