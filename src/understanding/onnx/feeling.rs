//! The emotion model: `emotion.onnx` of the model directory. `words`, float of shape `[5]`, the probabilities of
//! [`Emotion::ALL`] by the text model, and `manner`, float of shape `[13]`, the values of [`Manner`], to `voice` and `both`,
//! float of shape `[5]`, probabilities by the voice alone and by both. The metadata entries `emotions` and `manner` list the
//! names of classes and values, and are checked at load.

use std::path::{Path, PathBuf};

use ort::session::Session;
use ort::value::TensorRef;

use super::{LoadError, broken, session};
use crate::hearing::Manner;
use crate::understanding::{ClassifyError, Emotion, EmotionGuess, Feeling};

/// Where the model is, if there is one.
pub(super) fn file(dir: &Path) -> PathBuf {
    dir.join("emotion.onnx")
}

/// A session of the model.
pub(super) struct Feeler(Session);

impl Feeler {
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let session = session(path)?;
        let ids = Emotion::ALL.map(Emotion::id);
        for (entry, ours) in [("emotions", ids.to_vec()), ("manner", Manner::names().collect())] {
            let metadata = session.metadata().map_err(|error| broken(path, error))?;
            let listed = metadata.custom(entry).unwrap_or_default();
            let theirs: Vec<String> = serde_json::from_str(&listed).map_err(|error| broken(path, error))?;
            if theirs != ours {
                return Err(broken(path, format_args!("its {entry} are {theirs:?}, not {ours:?}: train it again")));
            }
        }
        Ok(Self(session))
    }

    pub fn feel(&mut self, words: &[f32; 5], manner: &Manner) -> Result<Feeling, ClassifyError> {
        let failed = |why: String| ClassifyError::Engine { chars: 0, why };
        match self.guesses(words, manner).map_err(|error| failed(error.to_string()))? {
            [Some(voice), Some(both)] => Ok(Feeling { voice, both }),
            guesses => Err(failed(format!("not five probabilities each: {guesses:?}"))),
        }
    }

    fn guesses(&mut self, words: &[f32; 5], manner: &Manner) -> ort::Result<[Option<EmotionGuess>; 2]> {
        let words = TensorRef::from_array_view(([words.len()], words.as_slice()))?;
        let manner = TensorRef::from_array_view(([Manner::VALUES], manner.values().as_slice()))?;
        let outputs = self.0.run(ort::inputs!["words" => words, "manner" => manner])?;
        let (_, voice) = outputs["voice"].try_extract_tensor::<f32>()?;
        let (_, both) = outputs["both"].try_extract_tensor::<f32>()?;
        Ok([voice, both].map(EmotionGuess::likeliest))
    }
}
