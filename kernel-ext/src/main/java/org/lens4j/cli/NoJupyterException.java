package org.lens4j.cli;

import org.lens4j.error.Explained;

/** Jupyter is asked for and not there. */
final class NoJupyterException extends IllegalStateException implements Explained {
    NoJupyterException() {
        super("""
                Jupyter is not on the PATH: neither "jupyter lab" nor "jupyter notebook" answers. Install one of them:
                    pip install jupyterlab
                    apt-get install jupyter-notebook        (Debian and Ubuntu)
                Without Jupyter, lens run NOTEBOOK runs a notebook and writes a page to look at.""");
    }
}
